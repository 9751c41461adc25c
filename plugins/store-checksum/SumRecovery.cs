using Microsoft.Extensions.Logging;
using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>After a crash: what was being written has other sums, perhaps, than those that are kept. They are taken anew, for the marked regions and no others.</summary>
internal sealed partial class SumRecovery(IBlockStore data, ChecksumParts parts, ILogger logger)
{
    private const int Samples = 64;
    private const int FewSamples = 8;

    /// <summary>Looks whether the sums belong to these data at all, before anything is changed.</summary>
    /// <exception cref="StoreOpenException">Nothing matches.</exception>
    public async ValueTask CheckPairAsync(CancellationToken cancellationToken)
    {
        HashSet<long> marked = [.. parts.Marks.All()];
        Scratch scratch = new(ChecksumLayout.BlockLength);
        long blocks = (parts.Layout.DataLength + ChecksumLayout.BlockLength - 1) / ChecksumLayout.BlockLength;
        (int looked, int matched) = (0, 0);
        for (int i = 0; i < Samples; i++)
        {
            long block = (long)((Int128)i * (blocks - 1) / (Samples - 1));
            if (marked.Contains(block / ChecksumLayout.SumsPerPage)) continue;
            SumPage page = await parts.Pages.RentAsync(block / ChecksumLayout.SumsPerPage);
            uint kept = page.Problem.IsOk ? page.Sums[page.IndexOf(block)] : BlockSum.Zeroes;
            parts.Pages.Return(page);
            DataSlice bytes = scratch.Buffer.Slice(0, parts.Layout.LengthOf(block));
            if (kept == BlockSum.Zeroes || !(await data.ReadAsync(block * ChecksumLayout.BlockLength, bytes, cancellationToken)).IsOk) continue;
            looked++;
            if (parts.Sum.Matches(kept, block, bytes)) matched++;
        }

        if (looked >= FewSamples && matched == 0)
            throw new StoreOpenException($"the sums belong to other data: none of {looked} blocks that were looked at matches. Give the two stores that belong together, in the order data, sums");
    }

    /// <summary>Takes the sums of marked regions anew.</summary>
    public async ValueTask RunAsync(CancellationToken cancellationToken)
    {
        long[] marked = [.. parts.Marks.All()];
        if (marked.Length == 0) return;
        RegionScan scan = new(data, parts.Layout);
        List<long> done = [];
        long lost = 0;
        foreach (long region in marked)
        {
            (long changed, bool isReadable) = await TakeAsync(scan, region, cancellationToken);
            lost += changed;
            if (isReadable) done.Add(region);
            else parts.Dirty.Keep(region);
        }

        await UnmarkAsync(done, cancellationToken);
        LogRecovered(logger, marked.Length, marked.Length * ChecksumLayout.RegionLength, lost * ChecksumLayout.BlockLength);
    }

    private async ValueTask<(long Changed, bool IsReadable)> TakeAsync(RegionScan scan, long region, CancellationToken cancellationToken)
    {
        SumPage page = await parts.Pages.RentAsync(region);
        try
        {
            if (!page.Problem.IsOk)
            {
                LogNoSums(logger, ChecksumLayout.PageOffset(region), page.Problem.Status, region * ChecksumLayout.RegionLength);
                return (0, false);
            }

            (long changed, bool isReadable) = (0, true);
            await scan.RunAsync(region, See, Miss, cancellationToken);
            return (changed, isReadable);

            void See(long block, DataSlice bytes)
            {
                int index = page.IndexOf(block);
                if (parts.Sum.Matches(page.Sums[index], block, bytes)) return;
                parts.Pages.Set(page, index, [BlockSum.IsZero(bytes) ? BlockSum.Zeroes : parts.Sum.Of(block, bytes)]);
                changed++;
            }

            void Miss(long block, StorageResult result)
            {
                isReadable = false;
                LogUnreadable(logger, block * ChecksumLayout.BlockLength, result.Status);
            }
        }
        finally
        {
            parts.Pages.Return(page);
        }
    }

    /// <summary>The order of <see cref="DirtyRegions"/>: what was read may lie in a cache.</summary>
    private async ValueTask UnmarkAsync(List<long> regions, CancellationToken cancellationToken)
    {
        Opening.RequireDurableData(await data.FlushAsync(cancellationToken));
        foreach (long region in regions) Opening.RequireSums(await parts.Pages.WriteBackAsync(region));
        Opening.RequireSums(await parts.File.FlushAsync());
        foreach (long region in regions) parts.Marks.Set(region, marked: false);
        foreach (long block in regions.Select(RegionMarks.BlockOf).Distinct()) _ = await parts.Marks.WriteAsync(block, WriteOptions.None);
    }

    [LoggerMessage(EventId = 3, Level = LogLevel.Warning, Message = "the store was not closed: {Regions} region(s), {Length} bytes, were being written; {Lost} bytes of them are not what their sums say and are taken as they are, unprotected for that one time")]
    private static partial void LogRecovered(ILogger logger, int regions, long length, long lost);

    [LoggerMessage(EventId = 4, Level = LogLevel.Error, Message = "no sum can be taken at byte {Offset} of the data, which cannot be read ({Status}); its region stays marked")]
    private static partial void LogUnreadable(ILogger logger, long offset, StorageStatus status);

    [LoggerMessage(EventId = 7, Level = LogLevel.Error, Message = "the sums cannot be read at byte {Offset} ({Status}): the region of the data at byte {Data} cannot be used until they can")]
    private static partial void LogNoSums(ILogger logger, long offset, StorageStatus status, long data);
}
