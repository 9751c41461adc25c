using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace TgtModular.Threading;

/// <summary>The outcome of a method built by <see cref="PooledTaskBuilder{TResult}"/>; alone for one that threw before it waited.</summary>
internal class PooledTask<TResult> : IValueTaskSource<TResult>
{
    private ManualResetValueTaskSourceCore<TResult> _core;

    public ValueTask<TResult> AsValueTask() => new(this, _core.Version);

    public void SetResult(TResult result) => _core.SetResult(result);

    public void SetException(Exception exception) => _core.SetException(exception);

    public ValueTaskSourceStatus GetStatus(short token) => _core.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _core.OnCompleted(continuation, state, token, flags);

    public TResult GetResult(short token)
    {
        // A token of an earlier use throws here, and returns nothing to the pool that somebody else has.
        _ = _core.GetStatus(token);
        try
        {
            return _core.GetResult(token);
        }
        finally
        {
            _core.Reset();
            Return();
        }
    }

    protected virtual void Return()
    {
    }
}

/// <summary>The same with the state of the waiting method; kept after its end for the next call.</summary>
internal sealed class PooledTask<TResult, TStateMachine> : PooledTask<TResult>
    where TStateMachine : IAsyncStateMachine
{
    /// <summary>More states than this at once are left to the collector: about the commands of a few full task sets.</summary>
    private const int MaximumKept = 1024;

    private static readonly ConcurrentQueue<PooledTask<TResult, TStateMachine>> Kept = new();
    private static int _kept;

    private PooledTask() => MoveNext = () => State!.MoveNext();

    /// <summary>Goes on with the method; one delegate for all of its uses.</summary>
    public Action MoveNext { get; }

    /// <summary>A field, for the method changes it in place.</summary>
#pragma warning disable CA1051
    public TStateMachine? State;
#pragma warning restore CA1051

    public static PooledTask<TResult, TStateMachine> Rent()
    {
        if (!Kept.TryDequeue(out PooledTask<TResult, TStateMachine>? task)) return new PooledTask<TResult, TStateMachine>();
        Interlocked.Decrement(ref _kept);
        return task;
    }

    protected override void Return()
    {
        State = default;
        if (Interlocked.Increment(ref _kept) <= MaximumKept) Kept.Enqueue(this);
        else Interlocked.Decrement(ref _kept);
    }
}
