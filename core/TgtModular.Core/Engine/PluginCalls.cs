namespace TgtModular.Core.Engine;

/// <summary>A call of a plugin has not returned in time. Not a <see cref="TimeoutException"/>: a plugin may throw that.</summary>
/// <param name="limit">How long it had.</param>
internal sealed class CallHangsException(TimeSpan limit) : Exception
{
    public TimeSpan Limit => limit;
}

/// <summary>Calls that make something of a plugin, and must not keep everybody waiting when they do not return.</summary>
internal static class PluginCalls
{
    /// <summary>What opening, making and closing may take where a plugin has not said otherwise.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Makes a call into a factory on a thread of its own, and waits for it so long.</summary>
    /// <param name="plugin">The factory.</param>
    /// <param name="call">The call; its token says that nobody waits any more.</param>
    /// <param name="limit">How long, as a plugin may have said it; what is no limit gives the usual one.</param>
    /// <param name="clock">Clock.</param>
    /// <param name="late">Told of what the call made in the end, when nobody waited any more.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="CallHangsException">It has not returned.</exception>
    public static async Task<T> MakeAsync<TFactory, T>(
        ResolvedFactory<TFactory> plugin, Func<CancellationToken, ValueTask<T>> call, TimeSpan limit, TimeProvider clock, Func<T, ValueTask> late, CancellationToken cancellationToken)
    {
        limit = limit <= TimeSpan.Zero ? Limit : limit > Longest ? Longest : limit;
        CancellationTokenSource given = new(); // the plugin's: not disposed of before its call has returned
        Task<T> task = Task.Run(MarkedAsync, CancellationToken.None);
        try
        {
            return await task.WaitAsync(limit, clock, cancellationToken);
        }
        catch (Exception ended) when (ended is TimeoutException or OperationCanceledException && !task.IsCompleted)
        {
            await given.CancelAsync();
            _ = DropAsync(task, late);
            if (ended is OperationCanceledException) throw;
            throw new CallHangsException(limit);
        }

        async Task<T> MarkedAsync()
        {
            using IDisposable? mark = plugin.EnterCall();
            return await call(given.Token);
        }
    }

    private static async Task DropAsync<T>(Task<T> task, Func<T, ValueTask> late)
    {
        await ((Task)task).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (task.IsCompletedSuccessfully) await late(task.Result);
    }
}
