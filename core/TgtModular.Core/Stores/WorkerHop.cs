using System.Runtime.CompilerServices;
using TgtModular.Plugins;

namespace TgtModular.Core.Stores;

/// <summary>Awaited, it goes on upon the worker pool: what comes next may block.</summary>
internal readonly struct WorkerHop(IWorkerPool? workers) : ICriticalNotifyCompletion
{
    /// <summary>Without a pool there is nowhere to go.</summary>
    public bool IsCompleted => workers is null;

    public WorkerHop GetAwaiter() => this;

    public void GetResult()
    {
    }

    public void OnCompleted(Action continuation) => UnsafeOnCompleted(continuation);

    public void UnsafeOnCompleted(Action continuation) => workers!.Queue(new Work(continuation));

    private sealed class Work(Action continuation) : IThreadPoolWorkItem
    {
        public void Execute() => continuation();
    }
}
