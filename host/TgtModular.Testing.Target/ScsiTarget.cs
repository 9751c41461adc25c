using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Engine;
using TgtModular.Iscsi;
using TgtModular.Plugins;
using TgtModular.Sbc;
using TgtModular.Scc;
using TgtModular.Stores;

namespace TgtModular.Testing;

/// <summary>A SCSI target within this process, on a free port of 127.0.0.1. Needs no root and leaves nothing behind.</summary>
public sealed class ScsiTarget : IAsyncDisposable
{
    private readonly TargetEngine _engine;

    private ScsiTarget(TargetEngine engine) => _engine = engine;

    /// <summary>Where it listens: the iSCSI portal.</summary>
    public IPEndPoint Portal => IPEndPoint.Parse(
        _engine.GetSnapshot().Transports.Where(transport => transport.Spec.Name == "iscsi").SelectMany(transport => transport.Portals).Select(portal => portal.Address).FirstOrDefault()
        ?? throw new InvalidOperationException("the target is not served over iSCSI"));

    /// <summary>Names of the targets.</summary>
    public IReadOnlyList<string> Names => [.. _engine.GetSnapshot().Targets.SelectMany(target => target.Spec.Transports).Select(seen => seen.TargetName)];

    /// <summary>The first target's first LUN as libiscsi and QEMU write it: <c>iscsi://127.0.0.1:PORT/NAME/LUN</c>.</summary>
    public string Address
    {
        get
        {
            TargetSpec target = _engine.GetSnapshot().Targets[0].Spec;
            return string.Create(CultureInfo.InvariantCulture, $"iscsi://{Portal}/{target.Transports[0].TargetName}/{target.Luns[0].Number}");
        }
    }

    /// <summary>Sessions now.</summary>
    public int SessionCount => _engine.GetSnapshot().Sessions.Count;

    /// <summary>Serves a target with one unit.</summary>
    /// <param name="options">Which; null for a disk of 64 MiB in memory.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ScsiTargetException">It cannot be served; the message says why.</exception>
    public static Task<ScsiTarget> StartAsync(ScsiTargetOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= new ScsiTargetOptions();
        return StartAsync(options.ToToml(), options.Plugins, cancellationToken);
    }

    /// <summary>Serves what a configuration says.</summary>
    /// <param name="configuration">TOML, as the daemon's file has it.</param>
    /// <param name="plugins">Factories beside those of TgtModular; of equal names the last counts.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="ScsiTargetException">It cannot be served; the message has everything that is wrong.</exception>
    public static async Task<ScsiTarget> StartAsync(string configuration, IEnumerable<object> plugins, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(plugins);
        FixedPlugins source = new([.. OwnPlugins(), .. plugins]);
        ConfigurationResult bound = ConfigurationDocument.Parse(Encoding.UTF8.GetBytes(configuration), "target.toml").Bind(source);
        if (bound.State is null) throw new ScsiTargetException(string.Join(Environment.NewLine, bound.Problems));
        ConcurrentDictionary<string, IStateJournal> journals = new(StringComparer.Ordinal);
        EngineServices services = new(
            source, NullLoggerFactory.Instance, TimeProvider.System, name => journals.GetOrAdd(name, _ => new MemoryJournal()), new EngineLimits());
        ScsiTarget target = new(await TargetEngine.CreateAsync(services, cancellationToken));
        try
        {
            await target.ApplyAsync(bound.State, cancellationToken);
            return target;
        }
        catch
        {
            await target.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends sessions and closes everything.</summary>
    public ValueTask DisposeAsync() => _engine.DisposeAsync();

    private static object[] OwnPlugins() =>
    [
        new IscsiTransportFactory(), new SbcFactory(), new SccFactory(), new MemoryStoreFactory(), new FileStoreFactory(), new FaultStoreFactory(), new NullStoreFactory(),
        new CacheStoreFactory(), new ChecksumStoreFactory(), new CowStoreFactory(), new CryptStoreFactory(), new ReadOnlyStoreFactory(), new RateStoreFactory(),
    ];

    private async Task ApplyAsync(DesiredState state, CancellationToken cancellationToken)
    {
        Plan plan = Planner.Compute(_engine.GetSnapshot(), state, prune: false);
        IReadOnlyList<StepResult> steps = await Applier.ApplyAsync(plan, _engine, cancellationToken);
        string[] failed = [.. plan.Conflicts, .. steps.Where(step => !step.Result.IsOk).Select(step => $"{step.Operation}: {step.Result.Message}")];
        if (failed.Length > 0) throw new ScsiTargetException(string.Join(Environment.NewLine, failed));
    }
}
