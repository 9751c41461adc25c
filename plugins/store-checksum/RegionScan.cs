using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>Goes through the data, region by region, and passes over holes without reading them.</summary>
internal sealed class RegionScan(IBlockStore data, ChecksumLayout layout)
{
    private const int LongestRead = 256 << 10;

    private static readonly DataBuffer Zeroes = DataBuffer.Wrap(new byte[ChecksumLayout.BlockLength]);

    private readonly Scratch _scratch = new(data.Info.MaximumTransferLength is not 0 and int most && most < LongestRead ? most / ChecksumLayout.BlockLength * ChecksumLayout.BlockLength : LongestRead);

    /// <summary>Shows the blocks of a region.</summary>
    /// <param name="region">Which.</param>
    /// <param name="see">Gets a block and its bytes.</param>
    /// <param name="miss">Gets a block that cannot be read.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask RunAsync(long region, Action<long, DataSlice> see, Action<long, StorageResult> miss, CancellationToken cancellationToken)
    {
        long end = Math.Min((region + 1) * ChecksumLayout.RegionLength, layout.DataLength);
        for (long offset = region * ChecksumLayout.RegionLength; offset < end;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            int length = (int)Math.Min(_scratch.Bytes.Length, end - offset);
            DataSlice read = _scratch.Buffer.Slice(0, length);
            if (IsHole(data, offset, length)) Show(offset, length, default, see);
            else if ((await data.ReadAsync(offset, read, cancellationToken)).IsOk) Show(offset, length, read, see);
            else await OneByOneAsync(offset, length, see, miss, cancellationToken);
            offset += length;
        }
    }

    /// <summary>True when nothing was ever written there.</summary>
    public static bool IsHole(IBlockStore store, long offset, int length) =>
        store.Info.Has(StoreCapabilities.AllocationMap) && store.GetExtent(offset, length, out StoreExtent extent).IsOk && !extent.Allocated && extent.Length == length;

    private async ValueTask OneByOneAsync(long offset, int length, Action<long, DataSlice> see, Action<long, StorageResult> miss, CancellationToken cancellationToken)
    {
        for (int done = 0; done < length; done += ChecksumLayout.BlockLength)
        {
            DataSlice read = _scratch.Buffer.Slice(0, Math.Min(ChecksumLayout.BlockLength, length - done));
            StorageResult result = await data.ReadAsync(offset + done, read, cancellationToken);
            cancellationToken.ThrowIfCancellationRequested();
            if (result.IsOk) see((offset + done) / ChecksumLayout.BlockLength, read);
            else miss((offset + done) / ChecksumLayout.BlockLength, result);
        }
    }

    private static void Show(long offset, int length, DataSlice read, Action<long, DataSlice> see)
    {
        for (int done = 0; done < length; done += ChecksumLayout.BlockLength)
        {
            int count = Math.Min(ChecksumLayout.BlockLength, length - done);
            see((offset + done) / ChecksumLayout.BlockLength, read.IsEmpty ? Zeroes.Slice(0, count) : read.Slice(done, count));
        }
    }
}
