using TgtModular.Core.Commands;
using TgtModular.Core.Units;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Core.Nexuses;

/// <summary>Task management of one nexus (SAM-5 section 7). A function is answered only when what it aborted can no longer touch the medium.</summary>
internal sealed class TaskManager(Nexus nexus, ITargetScope target)
{
    public Task<TaskManagementResponse> ExecuteAsync(TaskManagementRequest request) => request.Function switch
    {
        TaskManagementFunction.TargetWarmReset => ResetTargetAsync(cold: false),
        TaskManagementFunction.TargetColdReset => ResetTargetAsync(cold: true),
        TaskManagementFunction.NexusReset => ResetNexusAsync(),
        _ => nexus.Find(request.Lun) is { } unitNexus
            ? ExecuteAsync(request, unitNexus)
            : Task.FromResult(TaskManagementResponse.LunDoesNotExist),
    };

    private Task<TaskManagementResponse> ExecuteAsync(TaskManagementRequest request, UnitNexus unitNexus)
    {
        LogicalUnit unit = unitNexus.Unit;
        return request.Function switch
        {
            TaskManagementFunction.AbortTask => AbortTaskAsync(unit, request.Tag),
            TaskManagementFunction.AbortTaskSet => AbortTaskSetAsync(unit),
            TaskManagementFunction.ClearTaskSet => ClearTaskSetAsync(unit),
            TaskManagementFunction.LogicalUnitReset => ResetUnitAsync(unit),
            TaskManagementFunction.QueryTask => Answer(nexus.HasInFlight(new CommandFilter(unit, request.Tag))),
            TaskManagementFunction.QueryTaskSet => Answer(nexus.HasInFlight(new CommandFilter(unit))),
            TaskManagementFunction.QueryAsynchronousEvent => Answer(unitNexus.TryPeekUnitAttention(out _)),
            _ => Task.FromResult(TaskManagementResponse.NotSupported), // CLEAR ACA: NACA is refused, so there is never one
        };
    }

    private static Task<TaskManagementResponse> Answer(bool found) =>
        Task.FromResult(found ? TaskManagementResponse.FunctionSucceeded : TaskManagementResponse.FunctionComplete);

    private async Task<TaskManagementResponse> AbortTaskAsync(LogicalUnit unit, ulong tag)
    {
        return await nexus.AbortAsync(new CommandFilter(unit, tag)) == 0 ? TaskManagementResponse.TaskDoesNotExist : TaskManagementResponse.FunctionComplete;
    }

    private async Task<TaskManagementResponse> AbortTaskSetAsync(LogicalUnit unit)
    {
        await nexus.AbortAsync(new CommandFilter(unit));
        return TaskManagementResponse.FunctionComplete;
    }

    private async Task<TaskManagementResponse> ClearTaskSetAsync(LogicalUnit unit)
    {
        // Others learn that their commands are gone, unless TAS tells them command by command (SAM-5 section 5.6).
        UnitNexus[] hit = [.. unit.Nexuses.Where(other => other.Nexus != nexus && other.Nexus.HasInFlight(new CommandFilter(unit)))];
        await unit.AbortAsync(except: null, nexus);
        if (!unit.TaskAbortedStatus)
        {
            foreach (UnitNexus other in hit) other.Establish(AdditionalSense.CommandsClearedByAnotherInitiator);
        }

        return TaskManagementResponse.FunctionComplete;
    }

    private async Task<TaskManagementResponse> ResetUnitAsync(LogicalUnit unit)
    {
        await unit.ResetAsync(nexus);
        return TaskManagementResponse.FunctionComplete;
    }

    private async Task<TaskManagementResponse> ResetTargetAsync(bool cold)
    {
        // Who logs in while it goes on, the sender of the function included, is not meant.
        IReadOnlyList<Nexus> open = target.Nexuses;
        await Task.WhenAll(target.Units.Select(unit => unit.ResetAsync(nexus)));
        if (cold)
        {
            foreach (Nexus ended in open.Where(other => other != nexus)) ended.Observer.CloseRequested(NexusEnd.Reset);
        }

        return TaskManagementResponse.FunctionComplete;
    }

    private async Task<TaskManagementResponse> ResetNexusAsync()
    {
        await nexus.AbortAsync(default);
        foreach (UnitNexus unitNexus in nexus.UnitNexuses)
        {
            unitNexus.Unit.Reservations.NexusLost(unitNexus);
            unitNexus.Unit.Server.NexusLost(nexus);
            unitNexus.Establish(AdditionalSense.NexusLossOccurred);
        }

        return TaskManagementResponse.FunctionComplete;
    }
}
