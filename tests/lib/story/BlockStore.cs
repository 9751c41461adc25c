using Microsoft.Win32.SafeHandles;
using TgtModular.Buffers;
using TgtModular.Storage;

namespace Acme.Example;

/// <summary>Blocks in a file, through the page cache; a flush has the kernel write them out.</summary>
internal sealed class BlockStore(SafeFileHandle file) : IBlockStore
{
    private readonly long _length = RandomAccess.GetLength(file);
    private volatile bool _disposed;

    /// <inheritdoc/>
    public StoreInfo Info { get; } = new(StoreCapabilities.Write | StoreCapabilities.VolatileCache, StoreExecution.Blocking) { PhysicalBlockLength = 4096 };

    /// <inheritdoc/>
    public long Length => _length;

    /// <inheritdoc/>
    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) => Do(offset, destination.Length, cancellationToken, () =>
    {
        foreach (DataSegment segment in destination)
        {
            for (int done = 0; done < segment.Length;)
            {
                int count = RandomAccess.Read(file, segment.Span[done..], offset);
                if (count == 0) return StorageStatus.ReadError; // somebody has cut it off
                done += count;
                offset += count;
            }
        }

        return StorageResult.Ok;
    });

    /// <inheritdoc/>
    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
        Do(offset, source.Length, cancellationToken, () =>
        {
            foreach (DataSegment segment in source)
            {
                RandomAccess.Write(file, segment.Span, offset);
                offset += segment.Length;
            }

            if (options.HasFlag(WriteOptions.ForceUnitAccess)) RandomAccess.FlushToDisk(file);
            return StorageResult.Ok;
        });

    /// <inheritdoc/>
    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => Do(0, 0, cancellationToken, () =>
    {
        RandomAccess.FlushToDisk(file);
        return StorageResult.Ok;
    });

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _disposed = true;
        file.Dispose(); // the handle counts its users: calls under way come to an end first
        return default;
    }

    private ValueTask<StorageResult> Do(long offset, int count, CancellationToken cancellationToken, Func<StorageResult> work)
    {
        if (_disposed) return StorageResult.FromStorageStatus(StorageStatus.Unavailable).AsTask();
        if (cancellationToken.IsCancellationRequested) return StorageResult.FromStorageStatus(StorageStatus.Cancelled).AsTask();
        if (!StoreRange.Fits(offset, count, _length)) return StorageResult.FromStorageStatus(StorageStatus.OutOfRange).AsTask();
        try
        {
            return work().AsTask();
        }
        catch (ObjectDisposedException)
        {
            return StorageResult.FromStorageStatus(StorageStatus.Unavailable).AsTask();
        }
        catch (IOException)
        {
            return StorageResult.FromStorageStatus(StorageStatus.WriteError).AsTask();
        }
    }
}
