namespace TgtModular.Stores;

/// <summary>
/// Counts the calls that are within the store, so that its descriptor is closed after the last of them: one closed earlier may already be somebody else's file.
/// </summary>
internal sealed class OperationGate
{
    private const int ClosedMark = int.MinValue;

    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _state;

    /// <summary>Enters; false when the gate is closed.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _state) > 0) return true;
        Leave();
        return false;
    }

    /// <summary>Leaves after a successful <see cref="TryEnter"/>.</summary>
    public void Leave()
    {
        if (Interlocked.Decrement(ref _state) == ClosedMark) _drained.TrySetResult();
    }

    /// <summary>Lets nobody in any more; completes when everybody has left.</summary>
    /// <returns>False for every call but the first.</returns>
    public async ValueTask<bool> CloseAsync()
    {
        int before = Interlocked.Or(ref _state, ClosedMark);
        if (before == 0) _drained.TrySetResult();
        await _drained.Task;
        return before >= 0;
    }
}
