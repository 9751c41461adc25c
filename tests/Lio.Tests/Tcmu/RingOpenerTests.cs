using TgtModular.Lio.Tcmu;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Lio.Tests.Tcmu;

/// <summary>Finding and opening devices, over directories that look like the kernel's.</summary>
[TestClass]
public sealed class RingOpenerTests
{
    private const string Name = "tcm-user/3/disk0/lab/disk0";

    private readonly string _root = Directory.CreateTempSubdirectory("tgt-ring-").FullName;

    private string Action => Path.Combine(_root, "core", "user_3", "disk0", "action");

    [TestCleanup]
    public void Cleanup() => Directory.Delete(_root, recursive: true);

    [TestMethod]
    public async Task Open_DeviceThere_IsResetAndMapped()
    {
        await using RingBench bench = await RingBench.StartAsync();
        MakeDevice("uio0", Name, bench.Kernel);
        Directory.CreateDirectory(Action);

        OpenedRing opened = await OpenAsync(bench, new TcmuDeviceRequest(Name, bench.Nexus, Lun.FromNumber(2)));

        Assert.IsFalse(opened.InOrder);
        Assert.AreEqual(bench.Kernel.Mapping.Length, opened.Mapping.Length);
        Assert.AreEqual("1", await File.ReadAllTextAsync(Path.Combine(Action, "reset_ring")));
        Close(opened);
    }

    [TestMethod]
    public async Task Open_AnswerFailed_KernelIsToldSo()
    {
        await using RingBench bench = await RingBench.StartAsync();
        MakeDevice("uio0", Name, bench.Kernel);
        string backend = Directory.CreateDirectory(Path.Combine(_root, "backend")).FullName;
        Directory.CreateDirectory(Path.Combine(backend, "action"));

        Close(await OpenAsync(bench, new TcmuDeviceRequest(Name, bench.Nexus, Lun.FromNumber(2)) { Takeover = Takeover.AnswerFailed, BackendDirectory = backend }));

        Assert.AreEqual("2", await File.ReadAllTextAsync(Path.Combine(backend, "action", "reset_ring")));
    }

    [TestMethod]
    [DataRow(Takeover.AnswerBusy, 1)]
    [DataRow(Takeover.ServeAgain, 0)]
    public async Task Open_RingThatCannotOrShallNotBeReset_IsServedInOrder(Takeover takeover, int warnings)
    {
        await using RingBench bench = await RingBench.StartAsync();
        MakeDevice("uio0", Name, bench.Kernel);

        OpenedRing opened = await OpenAsync(bench, new TcmuDeviceRequest(Name, bench.Nexus, Lun.FromNumber(2)) { Takeover = takeover });

        Assert.IsTrue(opened.InOrder);
        Assert.AreEqual(warnings, bench.Logger.Entries.Count(entry => entry.EventId.Id == 703));
        Close(opened);
    }

    [TestMethod]
    public async Task Open_DeviceThatComesLater_IsWaitedFor()
    {
        await using RingBench bench = await RingBench.StartAsync();
        MakeDevice("uio0", "tcm-user/3/other", bench.Kernel);

        Task<OpenedRing> opening = OpenAsync(bench, new TcmuDeviceRequest(Name, bench.Nexus, Lun.FromNumber(2)) { AppearanceLimit = TimeSpan.FromMinutes(1) });
        Assert.IsFalse(opening.IsCompleted);
        MakeDevice("uio11", Name, bench.Kernel);

        Close(await opening);
    }

    [TestMethod]
    public async Task Open_DeviceThatDoesNotCome_SaysSo()
    {
        await using RingBench bench = await RingBench.StartAsync();

        TransportException problem = await Assert.ThrowsExactlyAsync<TransportException>(() =>
            OpenAsync(bench, new TcmuDeviceRequest(Name, bench.Nexus, Lun.FromNumber(2)) { AppearanceLimit = TimeSpan.Zero }));

        Assert.Contains(Name, problem.Message);
        Assert.Contains("target_core_user", problem.Message);
    }

    [TestMethod]
    public async Task Open_NodeMissing_SaysWhich()
    {
        await using RingBench bench = await RingBench.StartAsync();
        MakeDevice("uio0", Name, bench.Kernel);
        File.Delete(Path.Combine(_root, "dev", "uio0"));

        TransportException problem = await Assert.ThrowsExactlyAsync<TransportException>(() =>
            OpenAsync(bench, new TcmuDeviceRequest(Name, bench.Nexus, Lun.FromNumber(2))));

        Assert.Contains("dev/uio0", problem.Message);
        Assert.Contains("No such file", problem.Message);
    }

    [TestMethod]
    public async Task Open_MailboxOfAnotherVersion_SaysSo()
    {
        await using RingBench bench = await RingBench.StartAsync();
        bench.Kernel.Mapping.Write16(RingLayout.VersionOffset, 7);
        MakeDevice("uio0", Name, bench.Kernel);

        TransportException problem = await Assert.ThrowsExactlyAsync<TransportException>(() =>
            OpenAsync(bench, new TcmuDeviceRequest(Name, bench.Nexus, Lun.FromNumber(2))));

        Assert.Contains("version 7", problem.Message);
    }

    private static void Close(OpenedRing opened)
    {
        opened.Mapping.Dispose();
        opened.Descriptor.Dispose();
    }

    private Task<OpenedRing> OpenAsync(RingBench bench, TcmuDeviceRequest request) =>
        new RingOpener(new UioDirectory(Path.Combine(_root, "class"), Path.Combine(_root, "dev")), Path.Combine(_root, "core"), TimeProvider.System, bench.Logger)
            .OpenAsync(request, CancellationToken.None);

    /// <summary>A device whose memory is a file with a kernel's ring in it.</summary>
    private void MakeDevice(string node, string name, KernelRing kernel)
    {
        string made = Directory.CreateDirectory(Path.Combine(_root, "class", node)).FullName;
        Directory.CreateDirectory(Path.Combine(made, "maps", "map0"));
        File.WriteAllText(Path.Combine(made, "maps", "map0", "size"), $"0x{kernel.Mapping.Length:x16}\n");
        Directory.CreateDirectory(Path.Combine(_root, "dev"));
        File.WriteAllBytes(Path.Combine(_root, "dev", node), kernel.Mapping.GetSpan(0, (int)kernel.Mapping.Length).ToArray());
        File.WriteAllText(Path.Combine(made, "name"), name + "\n"); // last: then it is there
    }
}
