using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>A call that waits, on its way through the worker pool.</summary>
internal sealed class WorkerCall(Func<StorageResult> call) : IThreadPoolWorkItem
{
    private readonly TaskCompletionSource<StorageResult> _done = new();

    public Task<StorageResult> Task => _done.Task;

    public void Execute()
    {
        try
        {
            _done.SetResult(call());
        }
#pragma warning disable CA1031 // The call's own failure: its task has it.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            _done.TrySetException(fault);
        }
    }
}
