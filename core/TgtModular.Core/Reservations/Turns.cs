namespace TgtModular.Core.Reservations;

/// <summary>Runs asynchronous work one after the other, in the order of the calls, and at once when nothing else runs.</summary>
internal sealed class Turns
{
    private readonly Lock _gate = new();
    private Task _last = Task.CompletedTask;

    public async ValueTask<T> RunAsync<T>(Func<ValueTask<T>> work)
    {
        TaskCompletionSource mine = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task before;
        lock (_gate)
        {
            before = _last;
            _last = mine.Task;
        }

        await before;
        try
        {
            return await work();
        }
        finally
        {
            mine.SetResult();
        }
    }
}
