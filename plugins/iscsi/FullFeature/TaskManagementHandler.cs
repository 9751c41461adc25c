using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Output;
using TgtModular.Iscsi.Protocol.Numbers;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Scsi;
using TgtModular.Transports;
using EngineFunction = TgtModular.Scsi.TaskManagementFunction;
using WireFunction = TgtModular.Iscsi.Protocol.Pdus.TaskManagementFunction;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>
/// Task management (RFC 7143 sections 11.5 and 11.6, RFC 7144). A function on a set of tasks waits until every command that was sent before it has come; its
/// answer is queued after the answers of what it aborted. Outstanding R2Ts of aborted tasks are not waited for, as initiators in wide use stop sending
/// their data: what still comes is thrown away. After the answer to TARGET COLD RESET the connection ends like the others of the target (section 11.5.1).
/// </summary>
internal sealed class TaskManagementHandler(FullFeatureContext context, PduDispatcher dispatcher, Rejector rejector)
{
    /// <summary>Functions that may be under way at once.</summary>
    private const int MaxUnderWay = 32;

    private readonly INexus _nexus = context.Path!.Nexus;
    private readonly List<Request> _waiting = [];
    private int _underWay;

    /// <summary>Treats a request.</summary>
    public void Handle(in IncomingPdu pdu)
    {
        TaskManagementRequestHeader header = new(pdu.Bhs);
        if (Volatile.Read(ref _underWay) >= MaxUnderWay)
        {
            rejector.Reject(pdu.Bhs, RejectReason.TooManyImmediateCommands, !pdu.Basic.IsImmediate);
            return;
        }

        Interlocked.Increment(ref _underWay);
        Request request = new(
            Map(header.Function), new Lun(header.Lun), header.InitiatorTaskTag, header.ReferencedTaskTag, header.Sequence.CmdSN, header.RefCmdSN,
            pdu.Basic.IsImmediate);
        Log.TaskManagement(context.Logger, context.Session.InitiatorName, header.Function, request.Lun.ToString(), request.ReferencedTag);
        if (header.Function == WireFunction.TaskReassign) Respond(request, TaskManagementResponseCode.ReassignmentNotSupported);
        else if (request.Function is not { } function) Respond(request, TaskManagementResponseCode.FunctionNotSupported);
        else if (function == EngineFunction.AbortTask) AbortTask(request);
        else if (function is EngineFunction.TargetWarmReset or EngineFunction.TargetColdReset) ResetTarget(request);
        else ExecuteInOrder(request);
    }

    private EngineFunction? Map(WireFunction function) => function switch
    {
        WireFunction.AbortTask => EngineFunction.AbortTask,
        WireFunction.AbortTaskSet => EngineFunction.AbortTaskSet,
        WireFunction.ClearAca => EngineFunction.ClearAca,
        WireFunction.ClearTaskSet => EngineFunction.ClearTaskSet,
        WireFunction.LogicalUnitReset => EngineFunction.LogicalUnitReset,
        WireFunction.TargetWarmReset => EngineFunction.TargetWarmReset,
        WireFunction.TargetColdReset => EngineFunction.TargetColdReset,
        _ when context.Parameters.ProtocolLevel < 2 => null, // RFC 7144 section 4.3
        WireFunction.QueryTask => EngineFunction.QueryTask,
        WireFunction.QueryTaskSet => EngineFunction.QueryTaskSet,
        WireFunction.NexusReset => EngineFunction.NexusReset,
        WireFunction.QueryAsyncEvent => EngineFunction.QueryAsynchronousEvent,
        _ => null,
    };

    /// <summary>ABORT TASK, also of a command that has not come yet (RFC 7143 section 11.5.1).</summary>
    private void AbortTask(in Request request)
    {
        if (context.Tasks!.Find(request.ReferencedTag) is not null)
        {
            Execute(request);
            return;
        }

        uint? missing = dispatcher.Parked.FindCommand(request.ReferencedTag);
        if (missing is null && request.IsImmediate && IsMissing(request.RefCmdSN) && SerialNumber.IsLess(request.RefCmdSN, request.CmdSN))
            missing = request.RefCmdSN;
        if (missing is { } cmdSN) dispatcher.Parked.Plug(cmdSN);
        Respond(request, missing is null ? TaskManagementResponseCode.TaskDoesNotExist : TaskManagementResponseCode.FunctionComplete);
    }

    /// <summary>Commands sent before a target reset that have not come are taken as received and gone (RFC 7143 section 4.2.3.3, step b).</summary>
    private void ResetTarget(in Request request)
    {
        for (uint cmdSN = context.Window.ExpCmdSN; SerialNumber.IsLess(cmdSN, request.CmdSN) && IsMissing(cmdSN); cmdSN++) dispatcher.Parked.Plug(cmdSN);
        Execute(request);
    }

    private bool IsMissing(uint cmdSN) => context.Window.Locate(cmdSN) != CommandPosition.Outside;

    private void ExecuteInOrder(in Request request)
    {
        if (!request.IsImmediate || !IsAhead(request.CmdSN))
        {
            Execute(request);
            return;
        }

        _waiting.Add(request);
        dispatcher.WhenAdvanced = ExecuteWaiting;
    }

    /// <summary>True when commands before <paramref name="cmdSN"/> are still missing; a number beyond the window is not waited for.</summary>
    private bool IsAhead(uint cmdSN) =>
        SerialNumber.IsLess(context.Window.ExpCmdSN, cmdSN) && SerialNumber.IsLessOrEqual(cmdSN, context.Window.MaxCmdSN + 1);

    private void ExecuteWaiting()
    {
        for (int i = 0; i < _waiting.Count;)
        {
            Request request = _waiting[i];
            if (IsAhead(request.CmdSN))
            {
                i++;
                continue;
            }

            _waiting.RemoveAt(i);
            Execute(request);
        }

        if (_waiting.Count == 0) dispatcher.WhenAdvanced = null;
    }

    private void Execute(in Request request)
    {
        ValueTask<TaskManagementResponse> execution = _nexus.ExecuteAsync(
            new TaskManagementRequest(request.Function!.Value, request.Lun, request.ReferencedTag));
        if (execution.IsCompletedSuccessfully) Respond(request, Map(execution.Result));
        else _ = RespondAsync(request, execution);
    }

    private async Task RespondAsync(Request request, ValueTask<TaskManagementResponse> execution)
    {
        TaskManagementResponseCode code = TaskManagementResponseCode.FunctionRejected;
        try
        {
            code = Map(await execution);
        }
#pragma warning disable CA1031 // Whatever the engine throws, the initiator gets an answer.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Log.TaskManagementFailed(context.Logger, context.Session.InitiatorName, request.Function!.Value, fault);
        }

        Respond(request, code);
    }

    private void Respond(in Request request, TaskManagementResponseCode code)
    {
        Interlocked.Decrement(ref _underWay);
        ControlEffect effect = ControlEffect.TakesStatSN | (request.IsImmediate ? ControlEffect.None : ControlEffect.OpensWindow);
        ControlPdu answer = new(context.Pump, effect);
        TaskManagementResponseWriter.Write(answer.Header, code, request.Tag, default);
        context.Pump.AddControl(answer);
        if (request.Function == EngineFunction.TargetColdReset && code == TaskManagementResponseCode.FunctionComplete)
            context.Control.EndGracefully(EndReason.ColdReset, "asked for by this initiator");
    }

    private static TaskManagementResponseCode Map(TaskManagementResponse response) => response switch
    {
        TaskManagementResponse.FunctionComplete => TaskManagementResponseCode.FunctionComplete,
        TaskManagementResponse.FunctionSucceeded => TaskManagementResponseCode.FunctionSucceeded,
        TaskManagementResponse.TaskDoesNotExist => TaskManagementResponseCode.TaskDoesNotExist,
        TaskManagementResponse.LunDoesNotExist => TaskManagementResponseCode.LunDoesNotExist,
        TaskManagementResponse.NotSupported => TaskManagementResponseCode.FunctionNotSupported,
        _ => TaskManagementResponseCode.FunctionRejected,
    };

    private readonly record struct Request(
        EngineFunction? Function, Lun Lun, uint Tag, uint ReferencedTag, uint CmdSN, uint RefCmdSN, bool IsImmediate);
}
