using System.Runtime.CompilerServices;
using TgtModular.Buffers;
using TgtModular.Core.Threading;
using TgtModular.Plugins;
using TgtModular.Storage;
using TgtModular.Threading;

namespace TgtModular.Core.Stores;

/// <summary>The handle of a block store.</summary>
internal class BlockStoreHandle(IBackingStore store, IWorkerPool? workers) : StoreHandle(store, workers), IBlockStore
{
    private IBlockStore _store = (IBlockStore)store;

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        if (!Gate.TryEnter()) return LaterAsync(new Call(CallKind.Read, offset, 0, destination), cancellationToken);
        ValueTask<StorageResult> call;
        CallMark mark = Watched();
        try
        {
            call = _store.ReadAsync(offset, destination, cancellationToken);
        }
        catch
        {
            mark.End();
            Gate.Leave();
            throw;
        }

        mark.End();
        return Pass(call);
    }

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        if (!Gate.TryEnter()) return LaterAsync(new Call(CallKind.Write, offset, 0, source, default, options), cancellationToken);
        ValueTask<StorageResult> call;
        CallMark mark = Watched();
        try
        {
            call = _store.WriteAsync(offset, source, options, cancellationToken);
        }
        catch
        {
            mark.End();
            Gate.Leave();
            throw;
        }

        mark.End();
        return Pass(call);
    }

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => RunAsync(new Call(CallKind.Flush), cancellationToken);

    public ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken) =>
        RunAsync(new Call(CallKind.Discard, offset, length), cancellationToken);

    public ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken) =>
        RunAsync(new Call(CallKind.WriteZeroes, offset, length, default, default, options), cancellationToken);

    public ValueTask<StorageResult> CompareAndWriteAsync(
        long offset, DataSlice expected, DataSlice replacement, WriteOptions options, CancellationToken cancellationToken) =>
        RunAsync(new Call(CallKind.CompareAndWrite, offset, 0, expected, replacement, options), cancellationToken);

    public ValueTask<StorageResult> ResizeAsync(long length, CancellationToken cancellationToken) => RunAsync(new Call(CallKind.Resize, 0, length), cancellationToken);

    public StorageResult GetExtent(long offset, long length, out StoreExtent extent)
    {
        Gate.Enter();
        CallMark mark = new(Info.Execution == StoreExecution.Inline ? this : null);
        try
        {
            return _store.GetExtent(offset, length, out extent);
        }
        finally
        {
            mark.End();
            Gate.Leave();
        }
    }

    protected override void Put(IBackingStore store) => _store = (IBlockStore)store;

    private ValueTask<StorageResult> RunAsync(in Call call, CancellationToken cancellationToken)
    {
        if (!Gate.TryEnter()) return LaterAsync(call, cancellationToken);
        ValueTask<StorageResult> task;
        CallMark mark = Watched();
        try
        {
            task = Make(call, cancellationToken);
        }
        catch
        {
            mark.End();
            Gate.Leave();
            throw;
        }

        mark.End();
        return Pass(task);
    }

    /// <summary>What has ended is handed on as it is.</summary>
    private ValueTask<StorageResult> Pass(ValueTask<StorageResult> call)
    {
        if (!call.IsCompleted) return FollowAsync(call);
        Gate.Leave();
        return call;
    }

    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private async ValueTask<StorageResult> FollowAsync(ValueTask<StorageResult> call)
    {
        try
        {
            return await call;
        }
        finally
        {
            Gate.Leave();
        }
    }

    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private async ValueTask<StorageResult> LaterAsync(Call call, CancellationToken cancellationToken)
    {
        if (!await WaitAsync(cancellationToken)) return StorageStatus.Cancelled;
        try
        {
            return await Make(call, cancellationToken);
        }
        finally
        {
            Gate.Leave();
        }
    }

    private ValueTask<StorageResult> Make(in Call call, CancellationToken cancellationToken) => call.Kind switch
    {
        CallKind.Read => _store.ReadAsync(call.Offset, call.First, cancellationToken),
        CallKind.Write => _store.WriteAsync(call.Offset, call.First, call.Options, cancellationToken),
        CallKind.Flush => _store.FlushAsync(cancellationToken),
        CallKind.Discard => _store.DiscardAsync(call.Offset, call.Length, cancellationToken),
        CallKind.WriteZeroes => _store.WriteZeroesAsync(call.Offset, call.Length, call.Options, cancellationToken),
        CallKind.CompareAndWrite => _store.CompareAndWriteAsync(call.Offset, call.First, call.Second, call.Options, cancellationToken),
        _ => _store.ResizeAsync(call.Length, cancellationToken),
    };

    private enum CallKind : byte
    {
        Read,
        Write,
        Flush,
        Discard,
        WriteZeroes,
        CompareAndWrite,
        Resize,
    }

    /// <summary>A call with its arguments, to be made now or later.</summary>
    private readonly record struct Call(
        CallKind Kind, long Offset = 0, long Length = 0, DataSlice First = default, DataSlice Second = default, WriteOptions Options = WriteOptions.None);
}

/// <summary>The handle of a store that does some calls at once.</summary>
internal class ImmediateBlockStoreHandle(IBackingStore store, IWorkerPool? workers) : BlockStoreHandle(store, workers), IImmediateBlockStore
{
    private IImmediateBlockStore? _store = (IImmediateBlockStore)store;

    /// <summary>The store's, to do a call at once.</summary>
    public ImmediatePromise Promise { get; } = new();

    public bool TryRead(long offset, DataSlice destination)
    {
        if (Promise.IsBroken || !Gate.TryEnter()) return false;
        CallMark mark = new(Promise);
        try
        {
            return _store is { } store && store.TryRead(offset, destination);
        }
        finally
        {
            mark.End();
            Gate.Leave();
        }
    }

    public bool TryWrite(long offset, DataSlice source)
    {
        if (Promise.IsBroken || !Gate.TryEnter()) return false;
        CallMark mark = new(Promise);
        try
        {
            return _store is { } store && store.TryWrite(offset, source);
        }
        finally
        {
            mark.End();
            Gate.Leave();
        }
    }

    protected override void Put(IBackingStore store)
    {
        base.Put(store);
        _store = store as IImmediateBlockStore;
    }
}

/// <summary>The handle of a store with memory of its own.</summary>
internal sealed class LendingBlockStoreHandle(IBackingStore store, IWorkerPool? workers) : BlockStoreHandle(store, workers), IStoreBuffers;

/// <summary>The handle of a store with both.</summary>
internal sealed class LendingImmediateBlockStoreHandle(IBackingStore store, IWorkerPool? workers) : ImmediateBlockStoreHandle(store, workers), IStoreBuffers;
