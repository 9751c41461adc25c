using TgtModular.Scsi;

namespace TgtModular.Lio.Tcmu;

/// <summary>
/// Task management as the kernel tells of it. It has carried the function out on its side and waits for the answers of the commands it names; they
/// are aborted, or end as they would have (<see cref="TcmuDeviceRequest.AbortsCommands"/>). The engine does what else the function does to the unit: a reset drops
/// reservations and establishes unit attentions. The notification itself has no answer.
/// </summary>
/// <param name="target">What the ring stands for.</param>
/// <param name="waitIdle">Completes when no command of the ring is under way; none is taken until the function is through.</param>
internal sealed class RingTaskManagement(RingTarget target, Func<Task> waitIdle)
{
    /// <summary>Begins a function.</summary>
    /// <param name="function">The function.</param>
    /// <param name="identifiers">The commands that the kernel waits for.</param>
    /// <returns>What later commands must wait for: they come after the reset, and find what it left. Never fails.</returns>
    public Task Execute(RingFunction function, ReadOnlySpan<ushort> identifiers)
    {
        TcmuLog.TaskManagement(target.Logger, target.Name, function, identifiers.Length);
        switch (function)
        {
            case RingFunction.ClearTaskSet:
                return ResetAsync(TaskManagementFunction.ClearTaskSet);
            case RingFunction.LunReset:
            case RingFunction.TargetWarmReset:
            case RingFunction.TargetColdReset:
                // A target of the kernel is not one of ours: each of its units tells of the reset by itself.
                return ResetAsync(TaskManagementFunction.LogicalUnitReset);
            default:
                if (!target.AbortsCommands) return Task.CompletedTask;
                foreach (ushort identifier in identifiers) _ = StartAsync(TaskManagementFunction.AbortTask, target.TagOf(identifier));
                return Task.CompletedTask;
        }
    }

    private async Task ResetAsync(TaskManagementFunction function)
    {
        if (!target.AbortsCommands) await waitIdle();
        await StartAsync(function, tag: 0);
    }

    private async Task StartAsync(TaskManagementFunction function, ulong tag)
    {
        try
        {
            _ = await target.Nexus.ExecuteAsync(new TaskManagementRequest(function, target.Lun, tag));
        }
#pragma warning disable CA1031 // Whatever the engine throws, the ring is served on.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            TcmuLog.TaskManagementFailed(target.Logger, target.Name, function, fault);
        }
    }
}
