using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Engine;
using TgtModular.Core.Plugins;
using TgtModular.Plugins;
using TgtModular.Sbc;
using TgtModular.Scsi;
using TgtModular.Stores;
using TgtModular.TestKit;
using TgtModular.Transports;

namespace TgtModular.Benchmarks.Micro;

/// <summary>The engine with one disk over the null store, and a transport that is no wire at all: what is left is the way of a command.</summary>
internal sealed class PartsEngine : IPluginSource, ITransportFactory, INexusObserver
{
    private const string Name = "bench";

    private readonly TargetEngine _engine;
    private ITransportHost? _host;

    private PartsEngine() => _engine = null!;

    private PartsEngine(TargetEngine engine, ITransportHost host) => (_engine, _host) = (engine, host);

    public OptionSchema Options => OptionSchema.Empty;

    public OptionSchema TargetOptions => OptionSchema.Empty;

    /// <summary>Starts it.</summary>
    public static async Task<PartsEngine> StartAsync()
    {
        PartsEngine plugins = new();
        EngineServices services = new(plugins, NullLoggerFactory.Instance, TimeProvider.System, _ => new MemoryJournal(), new EngineLimits());
        TargetEngine engine = await TargetEngine.CreateAsync(services, CancellationToken.None);
        Done(await engine.StartTransportAsync(new TransportSpec(Name, new PluginReference(Name), OptionValues.Empty, ChapSpec.None), Owner.File, default));
        NullStoreFactory store = new();
        OptionValues size = new(store.Options, new Dictionary<string, object> { ["size"] = 1L << 30 });
        Done(await engine.AddStoreAsync(new StoreSpec(Name, new PluginReference("null"), size, []), Owner.File, default));
        OptionValues disk = new(new SbcFactory().Options, new Dictionary<string, object>());
        Done(await engine.AddUnitAsync(new UnitSpec(Name, new PluginReference("sbc"), new ValueMap<string>([new("store", Name)]), disk), Owner.File, default));
        TargetSpec target = new(Name)
        {
            Transports = [new TargetTransportSpec(Name, Name, OptionValues.Empty)],
            Access = AccessRules.Everybody,
            Luns = [new LunSpec(1, Name)],
        };
        Done(await engine.AddTargetAsync(target, Owner.File, default));
        return new PartsEngine(engine, plugins._host!);
    }

    /// <summary>An I_T nexus with the disk.</summary>
    public INexus Open(int maxCommands)
    {
        InitiatorIdentity initiator = new("iqn.2026-11.bench:i", IPAddress.Loopback);
        NexusRequest request = new(initiator, TransportId.ForIscsi(initiator.Name, [0, 2, 0, 0, 0, 1]), 1, this, maxCommands);
        return _host!.FindTarget(Name)!.OpenNexus(request) ?? throw new InvalidOperationException("the engine refuses the nexus");
    }

    public void Stop() => _engine.DisposeAsync().AsTask().GetAwaiter().GetResult();

    public ResolvedFactory<TFactory>? Resolve<TFactory>(PluginKind kind, PluginReference reference, out string problem)
        where TFactory : class
    {
        problem = $"no plugin {reference}";
        object factory = kind switch
        {
            PluginKind.Transport => this,
            PluginKind.Device => new SbcFactory(),
            _ => new NullStoreFactory(),
        };
        return factory is TFactory wanted ? new ResolvedFactory<TFactory>(wanted, reference.Name, "1.0.0", PluginConcurrency.Parallel) : null;
    }

    public IReadOnlyList<PluginStatus> GetPlugins() => [];

    public bool TryNormalizeTargetName(string name, out string normalized, out string problem)
    {
        (normalized, problem) = (name, "");
        return true;
    }

    public ITransport Create(TransportCreateContext context)
    {
        _host = context.Engine;
        return new NoWire();
    }

    public void CloseRequested(NexusEnd end)
    {
    }

    public void LunMapChanged()
    {
    }

    private static void Done(ControlResult result)
    {
        if (!result.IsOk) throw new InvalidOperationException(result.ToString());
    }

    private sealed class NoWire : ITransport
    {
        public IReadOnlyList<PortalDescription> Portals => [];

        public ValueTask StartAsync(CancellationToken cancellationToken) => default;

        public ValueTask DrainAsync(CancellationToken cancellationToken) => default;

        public ValueTask DisposeAsync() => default;
    }
}
