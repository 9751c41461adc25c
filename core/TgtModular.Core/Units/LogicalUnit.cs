using System.Collections.Immutable;
using TgtModular.Buffers;
using TgtModular.Core.Commands;
using TgtModular.Core.Nexuses;
using TgtModular.Core.Reservations;
using TgtModular.Core.Targets;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.Core.Units;

/// <summary>
/// A logical unit: its device server, stores, task set, reservations and I_T_L nexuses. One unit may be reached through several targets and
/// transports and is one and the same through all of them.
/// </summary>
internal sealed class LogicalUnit : ILogicalUnit
{
    private readonly Lock _gate = new();
    private readonly Action<LogicalUnit> _geometryChanged;
    private readonly IStoreBuffers? _storeBuffers;
    private readonly bool _blocking;
    private readonly bool _oneAtATime;
    private readonly HashSet<(byte OperationCode, int? ServiceAction)> _coreCommands = [];
    private ImmutableArray<UnitNexus> _nexuses = [];
    private UnitGeometry? _geometry;

    public LogicalUnit(UnitContext context)
    {
        Identity = context.Identity;
        Stores = context.Stores;
        Directory = context.Directory;
        MaximumTransferLength = context.MaximumTransferLength;
        _geometryChanged = context.GeometryChanged;
        _blocking = context.Stores.Values.Any(store => store.Info.Execution == StoreExecution.Blocking);
        _storeBuffers = context.Stores.Values.OfType<IStoreBuffers>().FirstOrDefault();
        Dispatcher = new UnitDispatcher(context.Workers, context.MaximumThreads);
        Reservations = new ReservationSeat(this, context.Reservations);
        Ports = context.Ports;
        TaskSet = context.TaskSet;
        _oneAtATime = context.OneAtATime;
    }

    public UnitIdentity Identity { get; }

    public IReadOnlyDictionary<string, IBackingStore> Stores { get; }

    public IUnitDirectory Directory { get; }

    public int MaximumTransferLength { get; }

    public bool DescriptorSense { get; set; }

    public bool TaskAbortedStatus { get; set; }

    public bool WriteProtected { get; set; }

    /// <summary>Set for good when a plugin it is made of was fenced: it identifies itself and is not ready.</summary>
    public string? FencedBy { get; set => Volatile.Write(ref field, value); }

    public TaskSet TaskSet { get; }

    public UnitDispatcher Dispatcher { get; }

    public ReservationSeat Reservations { get; }

    public TargetPorts Ports { get; }

    /// <summary>Counters of nexuses that are gone.</summary>
    public CommandCounters PastCounters { get; } = new();

    /// <summary>The device server; set once, before the first nexus.</summary>
    public IDeviceServer Server { get; private set; } = null!;

    /// <summary>The device server's rows and the core's own.</summary>
    public CommandTable Commands { get; private set; } = null!;

    public UnitGeometry? Geometry => Volatile.Read(ref _geometry);

    public IRemovableMedium? Medium { get; private set; }

    /// <summary>Where it is mapped; set by whoever changes LUN maps.</summary>
    public ImmutableArray<UnitExport> Exports { get; set; } = [];

    public ImmutableArray<UnitNexus> Nexuses => _nexuses;

    /// <summary>Some initiator has commands of this unit under way.</summary>
    public bool IsBusy => _nexuses.Any(nexus => nexus.Nexus.HasInFlight(new CommandFilter(this)));

    /// <summary>Sets the device server.</summary>
    /// <param name="server">The device server.</param>
    /// <param name="kept">Persistent reservations that the journal had kept; of no effect where the device server does not want them.</param>
    public void Install(IDeviceServer server, PersistentState kept)
    {
        Server = server;
        if (server.CoreCommands.HasFlag(CoreCommands.PersistentReservations)) Reservations.Restore(kept);
        CommandDescriptor[] coreRows = [.. CoreCommandRows.For(this, server.CoreCommands)];
        Commands = new CommandTable([.. server.Commands.Descriptors, .. coreRows]);
        foreach (CommandDescriptor row in coreRows) _coreCommands.Add((row.OperationCode, row.ServiceAction));
    }

    /// <summary>
    /// How a command orders itself: alone where a plugin of the unit takes one command at a time, unless the core answers it. PREEMPT AND ABORT must get
    /// past the very command that it is to abort.
    /// </summary>
    public SerializationClass SerializationOf(CommandDescriptor descriptor) =>
        _oneAtATime && !_coreCommands.Contains((descriptor.OperationCode, descriptor.ServiceAction)) ? SerializationClass.Exclusive : descriptor.Serialization;

    /// <summary>Where a command runs: what may touch a blocking store must not hold up a receive loop.</summary>
    public bool RunsOnWorkers(CommandDescriptor descriptor) =>
        (_blocking || Medium is { Medium.Info.Execution: StoreExecution.Blocking }) && (descriptor.NeedsMedium || descriptor.Serialization != SerializationClass.Concurrent);

    public DataBuffer? TryRentFromStore(int length) => _storeBuffers?.TryRent(length);

    public UnitNexus Attach(Nexus nexus, Lun lun)
    {
        UnitNexus unitNexus = new(this, nexus, lun);
        Reservations.PortSeen(unitNexus);
        lock (_gate) _nexuses = _nexuses.Add(unitNexus);
        return unitNexus;
    }

    public void Detach(UnitNexus unitNexus)
    {
        lock (_gate)
        {
            if (!_nexuses.Contains(unitNexus)) return;
            _nexuses = _nexuses.Remove(unitNexus);
        }

        PastCounters.Add(unitNexus.Counters);
        Reservations.NexusLost(unitNexus);
        Server.NexusLost(unitNexus.Nexus);
    }

    public void Publish(UnitGeometry geometry)
    {
        Volatile.Write(ref _geometry, geometry);
        _geometryChanged(this);
    }

    public void Publish(IRemovableMedium? medium) => Medium = medium;

    public void EstablishUnitAttention(AdditionalSense additional, UnitAttentionScope scope = UnitAttentionScope.All, INexusView? nexus = null)
    {
        foreach (UnitNexus unitNexus in _nexuses)
        {
            bool named = ReferenceEquals(unitNexus.Nexus, nexus);
            if (scope == UnitAttentionScope.All || named == (scope == UnitAttentionScope.One)) unitNexus.Establish(additional);
        }
    }

    /// <summary>Aborts commands of every nexus but <paramref name="except"/> (null: of all) and waits until none of them can touch the medium.</summary>
    public Task AbortAsync(Nexus? except, Nexus? requester)
    {
        AbortOperation operation = new();
        foreach (UnitNexus unitNexus in _nexuses)
        {
            if (unitNexus.Nexus == except) continue;
            unitNexus.Nexus.Abort(new CommandFilter(this), operation, TaskAbortedStatus && requester is not null && unitNexus.Nexus != requester);
        }

        return operation.WaitAsync();
    }

    /// <summary>LOGICAL UNIT RESET (SAM-5 section 6.3.3).</summary>
    public async Task ResetAsync(Nexus? requester)
    {
        await AbortAsync(except: null, requester);
        Reservations.Reset();
        Server.Reset();
        EstablishUnitAttention(AdditionalSense.BusDeviceResetFunctionOccurred);
    }
}

/// <summary>What a logical unit is made of.</summary>
/// <param name="Identity">Who it is.</param>
/// <param name="Stores">Its stores by role.</param>
/// <param name="Directory">Other units.</param>
/// <param name="Workers">Threads for blocking calls.</param>
/// <param name="MaximumThreads">Blocking commands at a time.</param>
/// <param name="MaximumTransferLength">Bytes in one command.</param>
/// <param name="GeometryChanged">Told when the device server publishes a geometry.</param>
internal sealed record UnitContext(
    UnitIdentity Identity,
    IReadOnlyDictionary<string, IBackingStore> Stores,
    IUnitDirectory Directory,
    IWorkerPool Workers,
    int MaximumThreads,
    int MaximumTransferLength,
    Action<LogicalUnit> GeometryChanged)
{
    /// <summary>Keeps its persistent reservations.</summary>
    public required ReservationJournal Reservations { get; init; }

    /// <summary>Target ports of the daemon.</summary>
    public required TargetPorts Ports { get; init; }

    /// <summary>The task set; shared by all units of plugins that take one call at a time in all.</summary>
    public required TaskSet TaskSet { get; init; }

    /// <summary>Every command runs alone.</summary>
    public bool OneAtATime { get; init; }
}

/// <summary>A target that maps a unit, in one of its transports.</summary>
/// <param name="Target">Key of the target.</param>
/// <param name="Transport">Name of the transport.</param>
/// <param name="TargetName">The target's name there.</param>
internal sealed record UnitExport(string Target, string Transport, string TargetName)
{
    public bool Is(string target, string transport) => Target == target && Transport == transport;

    public override string ToString() => $"{Transport} target {TargetName}";
}
