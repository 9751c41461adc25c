namespace TgtModular.Core.Engine;

/// <summary>A call of a plugin has not returned in time. Not a <see cref="TimeoutException"/>: a plugin may throw that.</summary>
internal sealed class CallHangsException : Exception;

/// <summary>Calls that make something of a plugin, and must not keep everybody waiting when they do not return.</summary>
internal static class PluginCalls
{
    /// <summary>What opening, making and closing may take where a plugin has not said otherwise.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>A limit that a plugin gives, if it is one; else the usual.</summary>
    public static TimeSpan Within(TimeSpan limit) => limit <= TimeSpan.Zero ? Limit : limit > Longest ? Longest : limit;

    /// <summary>Makes a call on a thread of its own, and waits for it so long.</summary>
    /// <param name="call">The call; its token says that nobody waits any more.</param>
    /// <param name="limit">How long.</param>
    /// <param name="clock">Clock.</param>
    /// <param name="late">Told of what the call made in the end, when nobody waited any more.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="CallHangsException">It has not returned.</exception>
    public static async Task<T> WithinAsync<T>(
        Func<CancellationToken, ValueTask<T>> call, TimeSpan limit, TimeProvider clock, Func<T, ValueTask> late, CancellationToken cancellationToken)
    {
        CancellationTokenSource given = new(); // the plugin's: not disposed of before its call has returned
        Task<T> task = Task.Run(() => call(given.Token).AsTask(), CancellationToken.None);
        try
        {
            return await task.WaitAsync(limit, clock, cancellationToken);
        }
        catch (Exception ended) when (ended is TimeoutException or OperationCanceledException && !task.IsCompleted)
        {
            await given.CancelAsync();
            _ = DropAsync(task, late);
            if (ended is OperationCanceledException) throw;
            throw new CallHangsException();
        }
    }

    private static async Task DropAsync<T>(Task<T> task, Func<T, ValueTask> late)
    {
        await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (task.IsCompletedSuccessfully) await late(task.Result);
    }
}
