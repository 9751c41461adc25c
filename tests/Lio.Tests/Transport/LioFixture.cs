using TgtModular.Lio.Fabrics;
using TgtModular.Lio.Tests.Configfs;
using TgtModular.Lio.Transport;
using TgtModular.Plugins;
using TgtModular.TestKit;
using TgtModular.Transports;

namespace TgtModular.Lio.Tests.Transport;

/// <summary>A transport of LIO over a tree that refuses what the kernel refuses. The tree and the journal outlive the daemon.</summary>
internal sealed class LioFixture : IAsyncDisposable
{
    public const string PortOne = "21:00:00:24:ff:31:4c:48";
    public const string PortTwo = "21:00:00:24:ff:31:4c:49";
    public const string HostOne = "21:00:00:1b:32:00:00:01";
    public const string HostTwo = "21:00:00:1b:32:00:00:02";

    private readonly DirectoryInfo _sysfs = Directory.CreateTempSubdirectory("tgt-lio-");
    private readonly MemoryJournal _journal = new();
    private TestHost _host;

    public LioFixture(FabricFamily family, FakeConfigfs? tree = null)
    {
        Family = family;
        Tree = tree ?? new FakeConfigfs();
        _host = new TestHost(_journal);
        Rings = new FakeRings(Tree);
    }

    public FabricFamily Family { get; }

    public FakeConfigfs Tree { get; }

    public FakeEngine Engine { get; } = new();

    public FakeRings Rings { get; private set; }

    public TestHost Host => _host;

    /// <summary>Modules that cannot be loaded.</summary>
    public Dictionary<string, string> MissingModules { get; } = [];

    public Dictionary<string, object> Options { get; } = [];

    public LioTransport Transport { get; private set; } = null!;

    public string? Problem => Transport.Condition.Problem;

    /// <summary>A fixture with QLogic ports that take targets, <c>host1</c> and so on.</summary>
    public static LioFixture QLogic(params string[] ports)
    {
        LioFixture fixture = new(FabricTable.QLogic);
        for (int i = 0; i < ports.Length; i++) fixture.AddQLogicPort($"host{i + 1}", ports[i], "exclusive");
        return fixture;
    }

    public void AddQLogicPort(string host, string name, string mode)
    {
        Tree.Hardware.QLogic[name] = new FakeQLogicPort { IsInitiatorOnly = mode == "enabled" };
        WriteSysfs($"class/fc_host/{host}/port_name", "0x" + name.Replace(":", ""));
        WriteSysfs($"class/scsi_host/{host}/model_name", "QLE2562");
        WriteSysfs($"class/scsi_host/{host}/qlini_mode", mode);
    }

    public void WriteSysfs(string path, string value)
    {
        string full = Path.Combine(_sysfs.FullName, path);
        _ = Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, value + "\n");
    }

    public FakeTarget AddTarget(string name, bool demoMode = false)
    {
        FakeTarget target = new(Family, name, demoMode);
        Engine.All.Add(target);
        return target;
    }

    /// <summary>Starts the transport.</summary>
    public async Task<LioTransport> StartAsync()
    {
        TransportCreateContext context = new(new OptionValues(LioOptions.For(Family), Options), Engine, _host);
        Transport = new LioTransport(Family, new LioKernel(Tree, new Sysfs(_sysfs.FullName), new FakeModules(MissingModules), Rings), context);
        await Transport.StartAsync(CancellationToken.None);
        return Transport;
    }

    /// <summary>The daemon is killed: nothing is taken back.</summary>
    public void Crash()
    {
        Tree.KillProcess();
        foreach (FakeTarget target in Engine.All) target.Open.Clear();
        Rings = new FakeRings(Tree);
        _host = new TestHost(_journal);
    }

    /// <summary>Lets the transport look at what has changed.</summary>
    public Task PassAsync() => Transport.PassedAsync();

    /// <summary>Lets time pass, and what it brings with it.</summary>
    public async Task AdvanceAsync(TimeSpan time)
    {
        _host.Clock.Advance(time);
        await PassAsync();
    }

    public async Task StopAsync()
    {
        await Transport.DrainAsync(CancellationToken.None);
        await Transport.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (Transport is not null) await Transport.DisposeAsync();
        _sysfs.Delete(recursive: true);
    }

    private sealed class FakeModules(Dictionary<string, string> missing) : IKernelModules
    {
        public string? Load(string module) => missing.GetValueOrDefault(module);
    }
}
