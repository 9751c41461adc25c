namespace TgtModular.Core.Commands;

/// <summary>Counts the commands that one abort must wait for. Complete when each was answered or dropped and can no longer touch the medium.</summary>
internal sealed class AbortOperation
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _remaining = 1;

    /// <summary>Commands that were hit.</summary>
    public int Matched { get; private set; }

    public void Add()
    {
        Matched++;
        Interlocked.Increment(ref _remaining);
    }

    public void Release()
    {
        if (Interlocked.Decrement(ref _remaining) == 0) _done.SetResult();
    }

    /// <summary>Call once, when no more commands will be added.</summary>
    public Task WaitAsync()
    {
        Release();
        return _done.Task;
    }
}
