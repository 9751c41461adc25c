using System.Collections.Concurrent;
using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.Core.Tests;

/// <summary>A store that writes down its calls, and ends them when the test lets them go, or at once.</summary>
internal sealed class HeldStore : IBlockStore
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _reached = new();
    private readonly ConcurrentDictionary<string, TaskCompletionSource<StorageResult>> _held = new();

    public bool CompletesAtOnce { get; init; }

    /// <summary>Thrown by every call.</summary>
    public Exception? Fault { get; init; }

    public ConcurrentQueue<string> Calls { get; } = new();

    public string? LastThread { get; private set; }

    public bool IsDisposed { get; private set; }

    public StoreInfo Info { get; init; } = new(StoreCapabilities.Write, StoreExecution.Asynchronous);

    public long Length { get; init; } = 1 << 20;

    public Task Reached(string call) => ReachedSource(call).Task;

    public void LetGo(string call, StorageResult result = default) => Held(call).TrySetResult(result);

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) =>
        CompletesAtOnce && Calls.Count > 50 ? default : Note($"read {offset}");

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) => Note($"write {offset} {options}");

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => Note("flush");

    public ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken) => Note($"discard {offset} {length}");

    public ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken) =>
        Note($"zero {offset} {length} {options}");

    public ValueTask<StorageResult> CompareAndWriteAsync(
        long offset, DataSlice expected, DataSlice replacement, WriteOptions options, CancellationToken cancellationToken) => Note($"compare {offset} {options}");

    public ValueTask<StorageResult> ResizeAsync(long length, CancellationToken cancellationToken) => Note($"resize {length}");

    public StorageResult GetExtent(long offset, long length, out StoreExtent extent)
    {
        Calls.Enqueue($"extent {offset} {length}");
        extent = new StoreExtent(offset, length, false);
        return StorageResult.Ok;
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        return default;
    }

    private ValueTask<StorageResult> Note(string call)
    {
        if (Fault is not null) throw Fault;
        Calls.Enqueue(call);
        LastThread = Thread.CurrentThread.Name;
        ReachedSource(call).TrySetResult();
        return CompletesAtOnce ? default : new ValueTask<StorageResult>(Held(call).Task);
    }

    private TaskCompletionSource ReachedSource(string call) =>
        _reached.GetOrAdd(call, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    private TaskCompletionSource<StorageResult> Held(string call) =>
        _held.GetOrAdd(call, _ => new TaskCompletionSource<StorageResult>(TaskCreationOptions.RunContinuationsAsynchronously));
}
