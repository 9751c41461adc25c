using TgtModular.Scsi;

namespace TgtModular.Lio.Tcmu;

/// <summary>
/// Task management as the kernel tells of it. It has carried the function out on its side and waits for the answers of the commands it names; the engine's
/// function ends them, and does what else it does to the unit (a reset drops reservations and establishes unit attentions). The notification itself has no answer.
/// </summary>
internal sealed class RingTaskManagement(RingTarget target)
{
    /// <summary>Begins a function; returns at once.</summary>
    /// <param name="function">The function.</param>
    /// <param name="identifiers">The commands that the kernel waits for.</param>
    public void Execute(RingFunction function, ReadOnlySpan<ushort> identifiers)
    {
        TcmuLog.TaskManagement(target.Logger, target.Name, function, identifiers.Length);
        switch (function)
        {
            case RingFunction.ClearTaskSet:
                Start(TaskManagementFunction.ClearTaskSet, tag: 0);
                break;
            case RingFunction.LunReset:
            case RingFunction.TargetWarmReset:
            case RingFunction.TargetColdReset:
                // A target of the kernel is not one of ours: each of its units tells of the reset by itself.
                Start(TaskManagementFunction.LogicalUnitReset, tag: 0);
                break;
            default:
                foreach (ushort identifier in identifiers) Start(TaskManagementFunction.AbortTask, target.TagOf(identifier));
                break;
        }
    }

    private void Start(TaskManagementFunction function, ulong tag)
    {
        ValueTask<TaskManagementResponse> execution = target.Nexus.ExecuteAsync(new TaskManagementRequest(function, target.Lun, tag));
        if (!execution.IsCompletedSuccessfully) _ = ObserveAsync(function, execution);
    }

    private async Task ObserveAsync(TaskManagementFunction function, ValueTask<TaskManagementResponse> execution)
    {
        try
        {
            _ = await execution;
        }
#pragma warning disable CA1031 // Whatever the engine throws, the ring is served on.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            TcmuLog.TaskManagementFailed(target.Logger, target.Name, function, fault);
        }
    }
}
