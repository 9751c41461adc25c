using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.ContractShapes.Engine;

/// <summary>An open nexus: runs each command as it comes, in the eight stops of the engine but without its order.</summary>
internal sealed class MiniNexus(NexusRequest request, MiniTarget target) : INexus
{
    private readonly Lock _gate = new();
    private readonly List<MiniCommand> _live = [];

    public NexusRequest Request => request;

    public TransportId Initiator => request.InitiatorPort;

    public TargetPortIdentity TargetPort { get; } = new(target.Name, request.InitiatorPort.Protocol, 1, request.PortalGroupTag, target.Name);

    public IReadOnlyList<Lun> Luns => [.. target.Units.Keys.Order()];

    public int MaxCommands => request.MaxCommands;

    public NexusEnd? End { get; private set; }

    public int InFlight
    {
        get
        {
            lock (_gate) return _live.Count;
        }
    }

    public ScsiCommand? TryRentCommand()
    {
        lock (_gate)
        {
            if (End is not null || _live.Count >= MaxCommands) return null;
            MiniCommand command = new(this);
            _live.Add(command);
            return command;
        }
    }

    public void Submit(ScsiCommand command)
    {
        MiniCommand mine = (MiniCommand)command;
        if (!TryAccept(mine, out DataLengths lengths, out ScsiOutcome refusal))
        {
            Answer(mine, refusal);
            return;
        }

        int outLength = (int)Math.Min(lengths.Out, mine.ExpectedDataOut);
        mine.Grant(lengths.Out, Rent(mine, DataDirection.Out, outLength), Rent(mine, DataDirection.In, (int)lengths.In));
        mine.AwaitsData = !mine.DataOut.IsEmpty;
        if (mine.DataOut.IsEmpty || mine.Transport.ReceiveDataOut(mine) == DataOutProgress.Completed) Run(mine);
    }

    public void DataOutArrived(ScsiCommand command, DataOutResult result)
    {
        MiniCommand mine = (MiniCommand)command;
        if (mine.IsAborted) return; // dropped while the transfer was pending
        if (result == DataOutResult.Arrived) Run(mine);
        else Answer(mine, Sense.DataPhaseError);
    }

    public async ValueTask<TaskManagementResponse> ExecuteAsync(TaskManagementRequest management)
    {
        MiniCommand[] hit;
        lock (_gate)
            hit = [.. _live.Where(command => command.Lun == management.Lun && (management.Function != TaskManagementFunction.AbortTask || command.Tag == management.Tag))];
        if (hit.Length == 0 && management.Function == TaskManagementFunction.AbortTask) return TaskManagementResponse.TaskDoesNotExist;
        await AbortAsync(hit);
        return TaskManagementResponse.FunctionComplete;
    }

    public async ValueTask CloseAsync(NexusEnd end)
    {
        MiniCommand[] all;
        lock (_gate)
        {
            End ??= end;
            all = [.. _live];
        }

        await AbortAsync(all);
        foreach (IDeviceServer server in target.Units.Values) server.NexusLost(this);
    }

    public void Forget(MiniCommand command)
    {
        lock (_gate) _live.Remove(command);
    }

    private bool TryAccept(MiniCommand command, out DataLengths lengths, out ScsiOutcome refusal)
    {
        lengths = default;
        command.Bind(null);
        if (!target.Units.TryGetValue(command.Lun, out IDeviceServer? server))
        {
            refusal = Sense.LogicalUnitNotSupported;
            return false;
        }

        CommandDescriptor? row = server.Commands.Find(command.Cdb, out SenseData sense);
        if (row is null || !CommandTable.IsAcceptable(row, command.Cdb, out sense) || (row.NeedsMedium && !server.CheckReady(out sense)))
        {
            refusal = sense;
            return false;
        }

        command.Bind(row);
        lengths = row.DataLength(command.Cdb);
        refusal = default;
        return row.Check is null || row.Check(command, out refusal);
    }

    private static DataBuffer? Rent(MiniCommand command, DataDirection direction, int length) =>
        length == 0 ? null : command.Transport.TryRent(command, direction, length) ?? DataBuffer.Wrap(new byte[length]);

    private static async void Run(MiniCommand command)
    {
        command.AwaitsData = false;
        Answer(command, command.IsAborted ? default : await command.Descriptor!.Handler(command));
    }

    private static void Answer(MiniCommand command, ScsiOutcome outcome)
    {
        if (!command.TryEnd()) return;
        command.Finish(outcome);
        if (command.IsAborted) command.Transport.Drop(command);
        else command.Transport.Complete(command);
        command.Done.TrySetResult();
    }

    private static async Task AbortAsync(MiniCommand[] commands)
    {
        foreach (MiniCommand command in commands)
        {
            command.Abort();
            // Still waiting for its data: nothing will run it any more. One that runs is waited for.
            if (command.AwaitsData) Answer(command, default);
        }

        await Task.WhenAll(commands.Select(command => command.Done.Task));
    }
}
