using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Engine;
using TgtModular.Core.Plugins;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.TestKit;
using TgtModular.Transports;

namespace TgtModular.Core.Tests;

/// <summary>An engine with the probe device at LUN 1 of one target in one test transport.</summary>
internal sealed class TestEngine : IPluginSource, ITransportFactory, IAsyncDisposable
{
    public const string TargetName = "target";

    private readonly Dictionary<(PluginKind, string), object> _plugins = [];
    private readonly SortedDictionary<string, Dictionary<(PluginKind Kind, string Name), object>> _versions = new(StringComparer.Ordinal);
    private Dictionary<string, IStateJournal> _journals = [];
    private int _initiators;

    private TestEngine()
    {
        _plugins[(PluginKind.Device, "probe")] = Probes;
        _plugins[(PluginKind.Transport, "test")] = this;
    }

    public TargetEngine Engine { get; private set; } = null!;

    public ITransportHost Host { get; private set; } = null!;

    public ProbeFactory Probes { get; } = new();

    public ProbeDevice Probe => Probes.Made[0];

    public OptionSchema Options => OptionSchema.Empty;

    public OptionSchema TargetOptions => OptionSchema.Empty;

    public static UnitSpec Unit(string name, string device = "probe") =>
        new(name, new PluginReference(device), new ValueMap<string>([]), OptionValues.Empty);

    /// <summary>An engine; on the journals of an earlier one it comes up as that one does after a restart.</summary>
    public static async Task<TestEngine> StartAsync(EngineLimits? limits = null, Dictionary<string, IStateJournal>? journals = null)
    {
        TestEngine test = new();
        journals ??= [];
        test._journals = journals;
        EngineServices services = new(
            test, NullLoggerFactory.Instance, TimeProvider.System,
            name => journals.TryGetValue(name, out IStateJournal? journal) ? journal : journals[name] = new MemoryJournal(), limits ?? new EngineLimits());
        test.Engine = await TargetEngine.CreateAsync(services, CancellationToken.None);
        Done(await test.Engine.StartTransportAsync(
            new TransportSpec("test", new PluginReference("test"), OptionValues.Empty, ChapSpec.None), Owner.File, default));
        Done(await test.Engine.AddUnitAsync(Unit("probe"), Owner.File, default));
        TargetSpec target = new(TargetName)
        {
            Transports = [new TargetTransportSpec("test", TargetName, OptionValues.Empty)],
            Access = AccessRules.Everybody,
            Luns = [new LunSpec(1, "probe")],
        };
        Done(await test.Engine.AddTargetAsync(target, Owner.File, default));
        return test;
    }

    public static void Done(ControlResult result) => Assert.IsTrue(result.IsOk, result.ToString());

    public (INexus? Nexus, RecordingObserver Observer) Open(
        string? name = null, int maxCommands = 32, string target = TargetName, ushort portalGroup = 1)
    {
        string initiator = name ?? $"iqn.2026-11.test:i{Interlocked.Increment(ref _initiators)}";
        RecordingObserver observer = new();
        NexusRequest request = new(
            new InitiatorIdentity(initiator, IPAddress.Loopback), TransportId.ForIscsi(initiator, [0, 2, 0, 0, 0, 1]), portalGroup, observer, maxCommands);
        INexus? nexus = Host.FindTarget(target)?.OpenNexus(request);
        observer.Nexus = nexus;
        return (nexus, observer);
    }

    public Task<TestInitiator> LoginAsync(string? name = null, string target = TargetName, ushort portalGroup = 1) =>
        new TestInitiator(Open(name, target: target, portalGroup: portalGroup).Nexus!).ReadyAsync();

    /// <summary>What plugins declare from now on.</summary>
    public PluginConcurrency Concurrency { get; set; } = PluginConcurrency.Parallel;

    /// <summary>Gives an object made from now on this journal.</summary>
    public void UseJournal(string name, IStateJournal journal) => _journals[name] = journal;

    public void AddPlugin(PluginKind kind, string name, object factory) => _plugins[(kind, name)] = factory;

    /// <summary>Adds an export to a version of the plugin <c>acme</c>.</summary>
    public void AddVersion(string version, PluginKind kind, string name, object factory)
    {
        if (!_versions.TryGetValue(version, out Dictionary<(PluginKind Kind, string Name), object>? exports)) _versions[version] = exports = [];
        exports[(kind, name)] = factory;
    }

    public ResolvedFactory<TFactory>? Resolve<TFactory>(PluginKind kind, PluginReference reference, out string problem)
        where TFactory : class
    {
        problem = $"no plugin {reference}";
        string? version = _versions.LastOrDefault(
            item => item.Value.ContainsKey((kind, reference.Name)) && (reference.Version is null || reference.Version == item.Key)).Key;
        if (version is not null) return new ResolvedFactory<TFactory>((TFactory)_versions[version][(kind, reference.Name)], "acme", version, Concurrency);
        return _plugins.TryGetValue((kind, reference.Name), out object? factory)
            ? new ResolvedFactory<TFactory>((TFactory)factory, reference.Name, "1.0.0", Concurrency)
            : null;
    }

    public IReadOnlyList<PluginStatus> GetPlugins() =>
    [
        .. _versions.Select(item => PluginSource.Describe(
            new PluginInfo(
                item.Key, "acme", PluginVersion.TryParse(item.Key, out PluginVersion? version) ? version : null,
                [.. item.Value.Keys.Select(key => new PluginExport(key.Kind, key.Name))], PluginState.Loaded)
            {
                ContentHash = item.Key,
            })),
    ];

    public bool TryNormalizeTargetName(string name, out string normalized, out string problem)
    {
        normalized = name;
        problem = "";
        return true;
    }

    public ITransport Create(TransportCreateContext context)
    {
        Host = context.Engine;
        return new TestTransport();
    }

    public ValueTask DisposeAsync() => Engine.DisposeAsync();

    private sealed class TestTransport : ITransport
    {
        public IReadOnlyList<PortalDescription> Portals => [];

        public ValueTask StartAsync(CancellationToken cancellationToken) => default;

        public ValueTask DrainAsync(CancellationToken cancellationToken) => default;

        public ValueTask DisposeAsync() => default;
    }
}

/// <summary>Records what the engine tells the transport of a nexus, and closes the nexus when asked to, as a transport does.</summary>
internal sealed class RecordingObserver : INexusObserver
{
    public INexus? Nexus { get; set; }

    public List<NexusEnd> CloseRequests { get; } = [];

    public int LunMapChanges { get; private set; }

    public void CloseRequested(NexusEnd end)
    {
        CloseRequests.Add(end);
        _ = Nexus?.CloseAsync(end).AsTask();
    }

    public void LunMapChanged() => LunMapChanges++;
}
