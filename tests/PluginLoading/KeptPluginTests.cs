using System.Net.Sockets;
using TgtModular.Core.Configuration;
using TgtModular.Core.Plugins;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Storage;
using TgtModular.TestKit;
using TgtModular.Transports;

namespace TgtModular.PluginLoading.Tests;

/// <summary>
/// Plugins that were compiled when a version of the contract was released, and kept as they were (Kept/make): today's host runs those whose range it is in,
/// and says of the others why not.
/// </summary>
[TestClass]
public sealed class KeptPluginTests
{
    private static readonly string Kept = Path.Combine(Sandbox.Repository, "tests", "PluginLoading", "Kept");

    public static IEnumerable<object[]> Contracts => Directory.GetDirectories(Kept).Select(folder => new object[] { Path.GetFileName(folder) });

    [TestMethod]
    public void Kept_ForTheContractOfToday_IsThere() =>
        Assert.IsTrue(Contracts.Any(row => IsCompatible((string)row[0])), $"run Kept/make {Sandbox.Metadata("ContractVersion")} and commit what it makes");

    [TestMethod]
    [DynamicData(nameof(Contracts))]
    public async Task KeptStore_InTodaysHost_KeepsData(string contract)
    {
        using Sandbox sandbox = Add(contract, "store");
        if (Resolve<IStoreFactory>(sandbox, contract, "kept-store") is not { } factory) return;
        using TestHost host = new();

        await using IBlockStore store = await factory.OpenBlockStoreAsync(host, new Dictionary<string, object> { ["size"] = 1L << 20 });

        byte[] data = [1, 2, 3, 4, 5, 6, 7, 8];
        using DiagnosticBuffer written = host.Buffers.Rent(data);
        using DiagnosticBuffer read = host.Buffers.TryRent(data.Length, "read")!;
        Assert.AreEqual(StorageResult.Ok, await store.WriteAsync(4096, written.Slice(), WriteOptions.ForceUnitAccess, CancellationToken.None));
        Assert.AreEqual(StorageResult.Ok, await store.ReadAsync(4096, read.Slice(), CancellationToken.None));
        CollectionAssert.AreEqual(data, read.Slice().ToArray());
    }

    [TestMethod]
    [DynamicData(nameof(Contracts))]
    public async Task KeptDeviceType_InTodaysHost_AnswersInquiry(string contract)
    {
        using Sandbox sandbox = Add(contract, "device-type");
        if (Resolve<IDeviceTypeFactory>(sandbox, contract, "kept-device-type") is not { } factory) return;
        using TestHost host = new();
        TestUnit unit = new();
        DeviceServerContext context = new(unit, new OptionValues(factory.Options, new Dictionary<string, object>()), host);

        await using IDeviceServer device = await factory.CreateAsync(context, CancellationToken.None);

        CommandResult result = await new CommandDriver(device, host, unit).RunAsync(new byte[] { OpCode.Inquiry, 0, 0, 0, 96, 0 });
        Assert.AreEqual(ScsiOutcome.Good, result.Outcome);
        Assert.HasCount(96, result.DataIn);
    }

    [TestMethod]
    [DynamicData(nameof(Contracts))]
    public async Task KeptTransport_InTodaysHost_CarriesACommand(string contract)
    {
        using Sandbox sandbox = Add(contract, "transport");
        if (Resolve<ITransportFactory>(sandbox, contract, "kept-transport") is not { } factory) return;
        using TestHost host = new();
        TestEngine engine = new();
        engine.Add(new TestTarget("disk", host.Buffers));
        string path = Path.Combine(sandbox.Root, "socket");
        OptionValues options = new(factory.Options, new Dictionary<string, object> { ["path"] = path });

        await using ITransport transport = factory.Create(new TransportCreateContext(options, engine, host));
        await transport.StartAsync(CancellationToken.None);

        using Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await using NetworkStream stream = new(socket);
        await stream.WriteAsync("login tester disk\n7 1 120000002400 36\n"u8.ToArray());
        using StreamReader answers = new(stream);
        Assert.StartsWith("ok ", await answers.ReadLineAsync());
        Assert.StartsWith("7 0 0000", await answers.ReadLineAsync());
    }

    [TestMethod]
    [DynamicData(nameof(Contracts))]
    public void KeptForAnotherContract_InTodaysHost_IsRefusedWithTheReason(string contract)
    {
        using Sandbox sandbox = Add(contract, "too-new");

        PluginInfo plugin = sandbox.Scan().Single();

        Assert.AreEqual(PluginState.Failed, plugin.State);
        Assert.Contains($"it works with contract 7.0 up to, not including, 8.0; this host has {Sandbox.Metadata("ContractVersion")}", plugin.Cause);
        Assert.AreEqual("use a newer host", plugin.Remedy);
    }

    private static TFactory? Resolve<TFactory>(Sandbox sandbox, string contract, string name)
        where TFactory : class
    {
        PluginCatalog catalog = sandbox.Scan();
        if (!IsCompatible(contract))
        {
            Assert.Contains($"it works with contract {contract} up to", catalog.Single().Cause);
            return null;
        }

        Assert.IsTrue(PluginReference.TryParse(name, out PluginReference? reference));
        PluginResolution<TFactory> resolution = catalog.Resolve<TFactory>(reference);
        Assert.IsTrue(resolution.Success, resolution.Problem);
        return resolution.Factory;
    }

    /// <summary>Below 1.0 a minor version is a contract of its own; from 1.0 on a host takes what older minor versions were compiled for.</summary>
    private static bool IsCompatible(string contract)
    {
        Version built = Version.Parse(contract);
        Version host = Version.Parse(Sandbox.Metadata("ContractVersion"));
        return built.Major == host.Major && (host.Major == 0 ? built.Minor == host.Minor : built.Minor <= host.Minor);
    }

    private static Sandbox Add(string contract, string kind)
    {
        Sandbox sandbox = new();
        string folder = Path.Combine(sandbox.Plugins, kind);
        Sandbox.CopyFolder(Path.Combine(Kept, contract, kind), folder);
        // A checkout has the rights of its user's umask; the daemon refuses what others may write.
        foreach (string file in Directory.GetFiles(folder)) File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return sandbox;
    }
}
