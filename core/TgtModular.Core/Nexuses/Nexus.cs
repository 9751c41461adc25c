using System.Collections.Frozen;
using Microsoft.Extensions.Logging;
using TgtModular.Core.Buffers;
using TgtModular.Core.Commands;
using TgtModular.Core.Units;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Core.Nexuses;

/// <summary>An open I_T nexus: its LUN map and its commands.</summary>
internal sealed partial class Nexus : INexus
{
    private readonly Lock _gate = new();
    private readonly NexusContext _context;
    private readonly CoreCommand?[] _commands;
    private FrozenDictionary<Lun, UnitNexus> _map = FrozenDictionary<Lun, UnitNexus>.Empty;
    private Lun[] _luns = [];
    private CoreCommand? _free; // taken from only by the transport's loop
    private CoreCommand? _returned; // pushed to by any thread
    private int _created;
    private long _chargedBytes;
    private volatile bool _closed;
    private TaskCompletionSource? _closing;

    public Nexus(NexusContext context)
    {
        _context = context;
        _commands = new CoreCommand?[context.MaxCommands];
    }

    public TransportId Initiator => _context.Request.InitiatorPort;

    public InitiatorIdentity InitiatorIdentity => _context.Request.Initiator;

    public TargetPortIdentity TargetPort => _context.TargetPort;

    public IReadOnlyList<Lun> Luns => Volatile.Read(ref _luns);

    public int MaxCommands => _commands.Length;

    public BufferPool Buffers => _context.Buffers;

    public int MaximumTransferLength => _context.MaximumTransferLength;

    public INexusObserver Observer => _context.Request.Observer;

    public string Transport => _context.Transport;

    public ulong SessionId => _context.Request.SessionId;

    public IReadOnlyCollection<UnitNexus> UnitNexuses => Volatile.Read(ref _map).Values;

    /// <summary>Sets the LUN map: keeps the I_T_L nexuses that stay, attaches new ones and detaches those that are gone, after their commands ended.</summary>
    public async Task SetLunsAsync(IReadOnlyDictionary<Lun, LogicalUnit> luns)
    {
        List<UnitNexus> gone = [];
        lock (_gate)
        {
            if (_closed) return;
            Dictionary<Lun, UnitNexus> map = [];
            foreach ((Lun lun, LogicalUnit unit) in luns)
                map[lun] = _map.TryGetValue(lun, out UnitNexus? existing) && existing.Unit == unit ? existing : unit.Attach(this, lun);
            gone.AddRange(_map.Values.Where(unitNexus => map.GetValueOrDefault(unitNexus.Lun) != unitNexus));
            Volatile.Write(ref _luns, [.. luns.Keys.Order()]);
            Volatile.Write(ref _map, map.ToFrozenDictionary());
        }

        foreach (UnitNexus unitNexus in gone) await EndAsync(unitNexus);
    }

    /// <summary>Sets a changed LUN map and tells the initiator.</summary>
    public async Task ChangeLunsAsync(IReadOnlyDictionary<Lun, LogicalUnit> luns)
    {
        await SetLunsAsync(luns);
        foreach (UnitNexus unitNexus in UnitNexuses) unitNexus.Establish(AdditionalSense.ReportedLunsDataHasChanged);
        Observer.LunMapChanged();
    }

    /// <summary>
    /// Counts data buffers of the pool against this nexus. It may hold as much as is still free: an initiator that never sends its data, or never reads it, gets a
    /// half, the next of that kind half of the rest, and so on; one command each may always have.
    /// </summary>
    /// <returns>False beyond its share; the bytes are counted all the same, until the command is released.</returns>
    public bool TryCharge(long bytes)
    {
        long held = Interlocked.Add(ref _chargedBytes, bytes);
        return held <= _context.MaximumBufferBytes && (held == bytes || held <= _context.Buffers.FreeBytes);
    }

    public void Discharge(long bytes) => Interlocked.Add(ref _chargedBytes, -bytes);

    public ScsiCommand? TryRentCommand()
    {
        if (_free is null) _free = Interlocked.Exchange(ref _returned, null);
        if (_free is { } command)
        {
            _free = command.NextFree;
            command.NextFree = null;
            return command;
        }

        if (_created == _commands.Length) return null;
        command = new CoreCommand(this);
        Volatile.Write(ref _commands[_created++], command);
        return command;
    }

    public void Return(CoreCommand command)
    {
        CoreCommand? head;
        do
        {
            head = Volatile.Read(ref _returned);
            command.NextFree = head;
        }
        while (Interlocked.CompareExchange(ref _returned, command, head) != head);
    }

    public void Submit(ScsiCommand command)
    {
        CoreCommand core = (CoreCommand)command;
        UnitNexus? unitNexus = Volatile.Read(ref _map).GetValueOrDefault(core.Lun);
        core.Begin(unitNexus);
        if (_closed) core.TryAbort(default, new AbortOperation(), answerTaskAborted: false);
        CommandTable table = unitNexus?.Unit.Commands ?? AbsentUnit.Commands;
        CommandDescriptor? descriptor = table.Find(core.Cdb, out SenseData refusal);
        if (descriptor is null)
        {
            core.Refuse(RefuseUnknown(unitNexus, refusal));
            return;
        }

        core.Bind(descriptor);
        if (unitNexus is null) core.Start();
        else unitNexus.Unit.TaskSet.Enter(core);
    }

    public void DataOutArrived(ScsiCommand command, DataOutResult result) => ((CoreCommand)command).DataOutArrived(result);

    public ValueTask<TaskManagementResponse> ExecuteAsync(TaskManagementRequest request) =>
        new(new TaskManager(this, _context.Target).ExecuteAsync(request));

    public UnitNexus? Find(Lun lun) => Volatile.Read(ref _map).GetValueOrDefault(lun);

    /// <summary>Aborts what matches; the operation knows when it is done.</summary>
    public void Abort(in CommandFilter filter, AbortOperation operation, bool answerTaskAborted)
    {
        for (int i = 0; i < _commands.Length; i++)
        {
            if (Volatile.Read(ref _commands[i]) is not { } command) return;
            command.TryAbort(filter, operation, answerTaskAborted);
        }
    }

    /// <summary>Aborts what matches, and waits until none of it can touch the medium any more.</summary>
    /// <returns>How many commands matched.</returns>
    public async Task<int> AbortAsync(CommandFilter filter)
    {
        AbortOperation operation = new();
        Abort(filter, operation, answerTaskAborted: false);
        int matched = operation.Matched;
        await operation.WaitAsync();
        return matched;
    }

    public bool HasInFlight(in CommandFilter filter)
    {
        for (int i = 0; i < _commands.Length; i++)
        {
            if (Volatile.Read(ref _commands[i]) is not { } command) return false;
            if (command.IsInFlight(filter)) return true;
        }

        return false;
    }

    public async ValueTask CloseAsync(NexusEnd end)
    {
        TaskCompletionSource? mine = null;
        lock (_gate)
        {
            if (_closing is null)
            {
                _closing = mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _closed = true;
            }
        }

        if (mine is not null)
        {
            await CloseCoreAsync();
            mine.SetResult();
        }

        await _closing.Task;
    }

    public void ReportFault(CoreCommand command, Exception fault) =>
        LogFault(_context.Logger, command.Descriptor?.Name ?? "?", command.Lun.ToString(), Initiator.ToString(), fault);

    private static ScsiOutcome RefuseUnknown(UnitNexus? unitNexus, SenseData refusal)
    {
        if (unitNexus is null) return Sense.LogicalUnitNotSupported;
        return unitNexus.TryTakeUnitAttention(out SenseData attention) ? attention : refusal;
    }

    private async Task CloseCoreAsync()
    {
        await AbortAsync(default);
        foreach (UnitNexus unitNexus in _map.Values) unitNexus.Unit.Detach(unitNexus);
        _context.Closed(this);
    }

    private async Task EndAsync(UnitNexus unitNexus)
    {
        // The session lives on: a command that is not answered would hang until its initiator loses patience, and not all ever do.
        AbortOperation operation = new();
        Abort(new CommandFilter(unitNexus.Unit), operation, answerTaskAborted: true);
        await operation.WaitAsync();
        unitNexus.Unit.Detach(unitNexus);
    }

    [LoggerMessage(EventId = 200, Level = LogLevel.Error, Message = "{Command} on LUN {Lun} from {Initiator}: the device server threw")]
    private static partial void LogFault(ILogger logger, string command, string lun, string initiator, Exception fault);
}

/// <summary>What a nexus is made of.</summary>
internal sealed record NexusContext(
    NexusRequest Request,
    TargetPortIdentity TargetPort,
    ITargetScope Target,
    BufferPool Buffers,
    int MaxCommands,
    int MaximumTransferLength,
    ILogger Logger,
    Action<Nexus> Closed)
{
    /// <summary>Name of the transport.</summary>
    public required string Transport { get; init; }

    /// <summary>Most bytes of data buffers its commands may hold.</summary>
    public required long MaximumBufferBytes { get; init; }
}

/// <summary>The target of a nexus, as task management needs it.</summary>
internal interface ITargetScope
{
    /// <summary>All units of the target.</summary>
    IReadOnlyCollection<LogicalUnit> Units { get; }

    /// <summary>All nexuses of the target now.</summary>
    IReadOnlyList<Nexus> Nexuses { get; }
}
