using System.Runtime.CompilerServices;
using TgtModular.Buffers;
using TgtModular.Storage;
using TgtModular.Threading;

namespace TgtModular.Scsi.Primary;

/// <summary>Calls into a store that are no longer than it takes (<see cref="StoreInfo.MaximumTransferLength"/>), one after the other.</summary>
public static class StorePieces
{
    /// <summary>Most bytes of whole blocks in one call; 0 when the store does not take one block.</summary>
    /// <param name="store">What the store says of itself.</param>
    /// <param name="blockLength">Bytes per logical block, a power of two.</param>
    public static int LongestCall(StoreInfo store, int blockLength)
    {
        ArgumentNullException.ThrowIfNull(store);
        int limit = store.MaximumTransferLength == 0 ? int.MaxValue : store.MaximumTransferLength;
        return limit & ~(blockLength - 1);
    }

    /// <summary>Reads; ends with the first piece that fails.</summary>
    /// <param name="store">The store.</param>
    /// <param name="longestCall">From <see cref="LongestCall"/>, at least 1.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Where the data go.</param>
    /// <param name="cancellationToken">Handed to the store.</param>
    public static ValueTask<StorageResult> ReadAsync(
        IBlockStore store, int longestCall, long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        return destination.Length <= longestCall
            ? store.ReadAsync(offset, destination, cancellationToken)
            : ReadInPiecesAsync(store, longestCall, offset, destination, cancellationToken);
    }

    /// <summary>Writes; ends with the first piece that fails, and those before it are written.</summary>
    /// <param name="store">The store.</param>
    /// <param name="longestCall">From <see cref="LongestCall"/>, at least 1.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="source">The data.</param>
    /// <param name="options">Traits of each piece.</param>
    /// <param name="cancellationToken">Handed to the store.</param>
    public static ValueTask<StorageResult> WriteAsync(
        IBlockStore store, int longestCall, long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        return source.Length <= longestCall
            ? store.WriteAsync(offset, source, options, cancellationToken)
            : WriteInPiecesAsync(store, longestCall, offset, source, options, cancellationToken);
    }

    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private static async ValueTask<StorageResult> ReadInPiecesAsync(
        IBlockStore store, int longestCall, long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        for (int done = 0; done < destination.Length;)
        {
            int piece = Math.Min(destination.Length - done, longestCall);
            StorageResult result = await store.ReadAsync(offset + done, destination.Slice(done, piece), cancellationToken);
            if (!result.IsOk) return result;
            done += piece;
        }

        return StorageResult.Ok;
    }

    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private static async ValueTask<StorageResult> WriteInPiecesAsync(
        IBlockStore store, int longestCall, long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        for (int done = 0; done < source.Length;)
        {
            int piece = Math.Min(source.Length - done, longestCall);
            StorageResult result = await store.WriteAsync(offset + done, source.Slice(done, piece), options, cancellationToken);
            if (!result.IsOk) return result;
            done += piece;
        }

        return StorageResult.Ok;
    }
}
