using TgtModular.Buffers;
using TgtModular.Core.Threading;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.Core.Stores;

/// <summary>The handle of a medium that is recorded in objects.</summary>
internal class MediumStoreHandle(IBackingStore store, IWorkerPool? workers) : StoreHandle(store, workers), IMediumStore
{
    private IMediumStore _store = (IMediumStore)store;

    public bool WriteOnce => Ask(store => store.WriteOnce);

    public int PartitionCount => Ask(store => store.PartitionCount);

    public PartitionState GetPartition(int partition) => Ask(store => store.GetPartition(partition));

    public async ValueTask<MediumReadResult> ReadAsync(MediumPosition position, DataSlice destination, CancellationToken cancellationToken)
    {
        if (!Gate.TryEnter() && !await WaitAsync(cancellationToken)) return new MediumReadResult(StorageStatus.Cancelled, MediumObjectKind.EndOfData, 0);
        try
        {
            return await Start(store => store.ReadAsync(position, destination, cancellationToken));
        }
        finally
        {
            Gate.Leave();
        }
    }

    public ValueTask<StorageResult> WriteRecordAsync(MediumPosition position, DataSlice source, CancellationToken cancellationToken) =>
        RunAsync(store => store.WriteRecordAsync(position, source, cancellationToken), cancellationToken);

    public ValueTask<StorageResult> WriteFilemarksAsync(MediumPosition position, int count, CancellationToken cancellationToken) =>
        RunAsync(store => store.WriteFilemarksAsync(position, count, cancellationToken), cancellationToken);

    public ValueTask<StorageResult> TruncateAsync(MediumPosition position, CancellationToken cancellationToken) =>
        RunAsync(store => store.TruncateAsync(position, cancellationToken), cancellationToken);

    public bool TrySpaceFilemarks(MediumPosition position, long count, out MediumPosition found)
    {
        Gate.Enter();
        CallMark mark = Watched();
        try
        {
            return _store.TrySpaceFilemarks(position, count, out found);
        }
        finally
        {
            mark.End();
            Gate.Leave();
        }
    }

    public ValueTask<StorageResult> FormatAsync(ReadOnlyMemory<long> partitionBytes, CancellationToken cancellationToken) =>
        RunAsync(store => store.FormatAsync(partitionBytes, cancellationToken), cancellationToken);

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => RunAsync(store => store.FlushAsync(cancellationToken), cancellationToken);

    public ReadOnlyMemory<byte>? GetAttribute(string name) => Ask(store => store.GetAttribute(name));

    public ValueTask<StorageResult> SetAttributeAsync(string name, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        RunAsync(store => store.SetAttributeAsync(name, value, cancellationToken), cancellationToken);

    protected override void Put(IBackingStore store) => _store = (IMediumStore)store;

    private async ValueTask<StorageResult> RunAsync(Func<IMediumStore, ValueTask<StorageResult>> call, CancellationToken cancellationToken)
    {
        if (!Gate.TryEnter() && !await WaitAsync(cancellationToken)) return StorageStatus.Cancelled;
        try
        {
            return await Start(call);
        }
        finally
        {
            Gate.Leave();
        }
    }

    /// <summary>The part of a call that is to return at once.</summary>
    private TResult Start<TResult>(Func<IMediumStore, TResult> call)
    {
        CallMark mark = Watched();
        try
        {
            return call(_store);
        }
        finally
        {
            mark.End();
        }
    }

    private TResult Ask<TResult>(Func<IMediumStore, TResult> question)
    {
        Gate.Enter();
        try
        {
            return Start(question);
        }
        finally
        {
            Gate.Leave();
        }
    }
}

/// <summary>The handle of a medium with memory of its own.</summary>
internal sealed class LendingMediumStoreHandle(IBackingStore store, IWorkerPool? workers) : MediumStoreHandle(store, workers), IStoreBuffers;
