using System.Runtime.CompilerServices;

namespace TgtModular.Threading;

/// <summary>
/// Builds an <c>async ValueTask&lt;T&gt;</c> method whose state is kept for the next call, however many calls are under way:
/// <c>[AsyncMethodBuilder(typeof(PooledTaskBuilder&lt;&gt;))]</c>. For methods that run once per command and often wait. The runtime's own pooling builder keeps one state
/// for each thread and processor, so that of 32 commands in a queue nearly all allocate theirs anew.
/// </summary>
/// <remarks>
/// The task is to be awaited once, as every <see cref="ValueTask{TResult}"/>. <see cref="ExecutionContext"/> does not follow the method over an await: an
/// <see cref="AsyncLocal{T}"/> is not for such code.
/// </remarks>
/// <typeparam name="TResult">What the method returns.</typeparam>
public struct PooledTaskBuilder<TResult> : IEquatable<PooledTaskBuilder<TResult>>
{
    private PooledTask<TResult>? _task;
    private TResult? _result;

    /// <summary>What the caller gets.</summary>
    public readonly ValueTask<TResult> Task => _task is null ? new ValueTask<TResult>(_result!) : _task.AsValueTask();

    /// <summary>A builder for one call.</summary>
#pragma warning disable CA1000 // The compiler asks a builder for this.
    public static PooledTaskBuilder<TResult> Create() => default;
#pragma warning restore CA1000

    /// <summary>Runs the method up to its first await that must wait.</summary>
    public readonly void Start<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine => default(AsyncValueTaskMethodBuilder<TResult>).Start(ref stateMachine);

    /// <summary>Not called for structures made by today's compilers.</summary>
    public readonly void SetStateMachine(IAsyncStateMachine stateMachine)
    {
    }

    /// <summary>The method returned.</summary>
    public void SetResult(TResult result)
    {
        if (_task is null) _result = result;
        else _task.SetResult(result);
    }

    /// <summary>The method threw.</summary>
    public void SetException(Exception exception) => (_task ??= new PooledTask<TResult>()).SetException(exception);

    /// <summary>The method waits.</summary>
    public void AwaitOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : INotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.OnCompleted(Keep(ref stateMachine));

    /// <inheritdoc cref="AwaitOnCompleted"/>
    public void AwaitUnsafeOnCompleted<TAwaiter, TStateMachine>(ref TAwaiter awaiter, ref TStateMachine stateMachine)
        where TAwaiter : ICriticalNotifyCompletion
        where TStateMachine : IAsyncStateMachine => awaiter.UnsafeOnCompleted(Keep(ref stateMachine));

    /// <inheritdoc/>
    public readonly bool Equals(PooledTaskBuilder<TResult> other) => ReferenceEquals(_task, other._task);

    /// <inheritdoc/>
    public override readonly bool Equals(object? obj) => obj is PooledTaskBuilder<TResult> other && Equals(other);

    /// <inheritdoc/>
    public override readonly int GetHashCode() => _task?.GetHashCode() ?? 0;

    /// <summary>Whether both build the same task.</summary>
    public static bool operator ==(PooledTaskBuilder<TResult> left, PooledTaskBuilder<TResult> right) => left.Equals(right);

    /// <summary>Whether they build different tasks.</summary>
    public static bool operator !=(PooledTaskBuilder<TResult> left, PooledTaskBuilder<TResult> right) => !left.Equals(right);

    private Action Keep<TStateMachine>(ref TStateMachine stateMachine)
        where TStateMachine : IAsyncStateMachine
    {
        if (_task is PooledTask<TResult, TStateMachine> kept) return kept.MoveNext;
        PooledTask<TResult, TStateMachine> made = PooledTask<TResult, TStateMachine>.Rent();
        // First: this builder is a part of the state that is copied.
        _task = made;
        made.State = stateMachine;
        return made.MoveNext;
    }
}
