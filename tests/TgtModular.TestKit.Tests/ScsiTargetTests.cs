using TgtModular.LoadGenerator.Initiator;
using TgtModular.Plugins;
using TgtModular.Storage;
using TgtModular.Testing;
using TgtModular.TestKit.Tests.Seeded;

namespace TgtModular.TestKit.Tests;

/// <summary>A target within the test's process, reached over iSCSI.</summary>
[TestClass]
public sealed class ScsiTargetTests
{
    private const string TargetName = "iqn.2026-11.org.example:filters";

    public TestContext TestContext { get; set; } = null!;

    private CancellationToken Token => TestContext.CancellationToken;

    [TestMethod]
    public async Task Target_WithoutOptions_IsADiskInMemory()
    {
        await using ScsiTarget target = await ScsiTarget.StartAsync(cancellationToken: Token);
        using Session session = Open(target.Address);

        Assert.AreEqual((64UL << 20, 512), (session.ReadCapacity().Blocks * 512, session.ReadCapacity().BlockLength));
        byte[] data = new byte[512];
        data.AsSpan().Fill(0x5A);
        Assert.AreEqual(ScsiReply.Good, session.Execute([0x2A, 0, 0, 0, 0, 7, 0, 0, 1, 0], 0, data).Status);
        Assert.AreSequenceEqual(data, session.Execute([0x28, 0, 0, 0, 0, 7, 0, 0, 1, 0], 512).Data);
        Assert.AreEqual(1, target.SessionCount);
        session.Logout();
    }

    [TestMethod]
    public async Task Targets_SideBySide_HavePortsAndBytesOfTheirOwn()
    {
        await using ScsiTarget first = await ScsiTarget.StartAsync(new ScsiTargetOptions { Size = 1 << 20 }, Token);
        await using ScsiTarget second = await ScsiTarget.StartAsync(new ScsiTargetOptions { Size = 2 << 20, DeviceOptions = new Dictionary<string, object> { ["block_size"] = 4096L } }, Token);

        Assert.AreNotEqual(first.Portal, second.Portal);
        using Session session = Open(second.Address);
        Assert.AreEqual(4096, session.ReadCapacity().BlockLength);
        Assert.AreEqual((2UL << 20) / 4096, session.ReadCapacity().Blocks);
    }

    [TestMethod]
    public async Task Plugin_OfTheCaller_IsServed()
    {
        SeededLabel plugin = new();
        await using ScsiTarget target = await ScsiTarget.StartAsync(new ScsiTargetOptions { Store = "label", Size = 1 << 20, Plugins = [plugin] }, Token);
        using Session session = Open(target.Address);

        byte[] block = session.Execute([0x28, 0, 0, 0, 0, 0, 0, 0, 1, 0], 512).Data;

        Assert.IsTrue(block.AsSpan().StartsWith("of the caller"u8));
    }

    [TestMethod]
    public async Task Configuration_WithFilters_IsServedAsByTheDaemon()
    {
        const string Stores = """
            golden = { type = "memory", size = "1MiB" }
            delta = { type = "memory", size = "2MiB" }
            changed = { type = "cow", over = ["golden", "delta"] }
            cached = { type = "cache", over = ["changed"], size = "1MiB" }
            slow = { type = "rate", over = ["cached"], operations = 1000000 }
            kept = { type = "readonly", over = ["slow"] }
            """;
        await using ScsiTarget target = await StartAsync(Stores, served: "kept");
        using Session session = Open($"iscsi://{target.Portal}/{TargetName}/1");

        Assert.AreEqual((1UL << 20) / 512, session.ReadCapacity().Blocks);
        Assert.AreSequenceEqual(new byte[512], session.Execute([0x28, 0, 0, 0, 0, 7, 0, 0, 1, 0], 512).Data);
        Assert.AreEqual(7, session.Execute([0x2A, 0, 0, 0, 0, 7, 0, 0, 1, 0], 0, new byte[512]).SenseKey, "DATA PROTECT");
    }

    /// <summary>A disk beneath that brings a wrong bit: the initiator gets MEDIUM ERROR and the LBA, from READ and from VERIFY, and no data.</summary>
    [TestMethod]
    public async Task Configuration_WithChecksums_WrongDataAreAMediumErrorToInitiators()
    {
        const string Stores = """
            plain = { type = "memory", size = "1MiB" }
            worn = { type = "fault", over = ["plain"], rules = ["read flip offset=64KiB length=4KiB"] }
            sums = { type = "memory", size = "1MiB" }
            checked = { type = "checksum", over = ["worn", "sums"] }
            """;
        await using ScsiTarget target = await StartAsync(Stores, served: "checked");
        using Session session = Open($"iscsi://{target.Portal}/{TargetName}/1");
        byte[] data = new byte[16 * 512];
        Array.Fill(data, (byte)0x5A);

        Assert.AreEqual(0, session.Execute([0x2A, 0, 0, 0, 0, 0x80, 0, 0, 16, 0], 0, data).SenseKey);
        ScsiReply read = session.Execute([0x28, 0, 0, 0, 0, 0x81, 0, 0, 1, 0], 512);
        Assert.AreEqual("status 02h, sense 3/11/00", read.ToString());
        Assert.IsFalse(read.Data.AsSpan().ContainsAnyExcept((byte)0), "data that are wrong");
        Assert.AreEqual("status 02h, sense 3/11/00", session.Execute([0x2F, 0, 0, 0, 0, 0x70, 0, 0, 32, 0], 0).ToString(), "VERIFY");
        Assert.AreSequenceEqual(data.AsSpan(0, 512).ToArray(), session.Execute([0x28, 0, 0, 0, 0, 0x88, 0, 0, 1, 0], 512).Data, "the next block");
    }

    [TestMethod]
    public async Task Configuration_Wrong_TellsEverything()
    {
        ScsiTargetException refusal = await Assert.ThrowsExactlyAsync<ScsiTargetException>(() => ScsiTarget.StartAsync("[unit.x]\ndevice = \"sbd\"\nsize = 3\n", [], Token));

        Assert.Contains("target.toml:2", refusal.Message);
        Assert.Contains("sbc", refusal.Message);
    }

    [TestMethod]
    public async Task Store_ThatCannotBeOpened_TellsWhy()
    {
        ScsiTargetOptions options = new() { Store = "file", Size = null, StoreOptions = new Dictionary<string, object> { ["path"] = "/nowhere/disk.img" } };

        ScsiTargetException refusal = await Assert.ThrowsExactlyAsync<ScsiTargetException>(() => ScsiTarget.StartAsync(options, Token));

        Assert.Contains("/nowhere/disk.img", refusal.Message);
    }

    private Task<ScsiTarget> StartAsync(string stores, string served) => ScsiTarget.StartAsync(
        $$"""
        [transport.iscsi]
        listen = ["127.0.0.1:0"]
        [store]
        {{stores}}
        [unit.disk]
        device = "sbc"
        store = "{{served}}"
        [[target]]
        iscsi.name = "{{TargetName}}"
        access = { addresses = ["127.0.0.1"] }
        luns = [{ number = 1, unit = "disk" }]
        """,
        [],
        Token);

    private static Session Open(string address)
    {
        Assert.IsTrue(TargetAddress.TryParse(address, out TargetAddress? parsed), address);
        return Session.Open(parsed, new LoginWishes());
    }

    /// <summary>Whose first block has a label.</summary>
    [ExportStore("label")]
    private sealed class SeededLabel : IStoreFactory
    {
        public OptionSchema Options { get; } = OptionSchema.Of(new OptionDefinition("size", OptionType.Size, "Bytes.") { Required = true });

        public async ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken)
        {
            SeededStore store = new(context);
            await store.WriteAsync(0, Buffers.DataBuffer.Wrap("of the caller"u8.ToArray()).Slice(), WriteOptions.None, cancellationToken);
            return store;
        }
    }
}
