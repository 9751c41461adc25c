using Microsoft.Extensions.Logging;
using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>
/// The first time: data that are all zeroes need no sums; others are adopted, when that was asked for. The header says that the sums are complete after they are on stable storage, so that an
/// adoption that was broken off begins anew.
/// </summary>
internal sealed partial class FirstSums(IBlockStore data, IBlockStore sums, SumsFile file, ChecksumLayout layout, ILogger logger)
{
    private const int Steps = 10;

    /// <summary>Makes the sums of data that are all zeroes. Writes nothing but the header.</summary>
    /// <exception cref="StoreOpenException">There is something in the data, or in the sums.</exception>
    public async ValueTask<ChecksumHeader> MakeEmptyAsync(CancellationToken cancellationToken)
    {
        await CheckSumsAreEmptyAsync();
        RegionScan scan = new(data, layout);
        for (long region = 0; region < layout.Regions; region++)
        {
            await scan.RunAsync(region, RefuseContent, RefuseUnreadable, cancellationToken);
            Report(region);
        }

        Opening.RequireDurableData(await data.FlushAsync(cancellationToken)); // what was read may lie in a cache
        return await FinishAsync(new ChecksumHeader(layout.DataLength, Guid.NewGuid(), IsComplete: true));
    }

    /// <summary>Takes the sums of whatever is in the data.</summary>
    /// <param name="begun">The header of an adoption that was broken off; null for a new one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async ValueTask<ChecksumHeader> AdoptAsync(ChecksumHeader? begun, CancellationToken cancellationToken)
    {
        if (begun is null) await CheckSumsAreEmptyAsync();
        ChecksumHeader header = begun ?? new ChecksumHeader(layout.DataLength, Guid.NewGuid(), IsComplete: false);
        await WriteHeaderAsync(0, header);
        await WriteHeaderAsync(ChecksumLayout.SecondHeader, header);
        BlockSum sum = new(header.Id);
        RegionScan scan = new(data, layout);
        uint[] page = new uint[ChecksumLayout.SumsPerPage];
        for (long region = 0; region < layout.Regions; region++)
        {
            Array.Clear(page);
            await scan.RunAsync(
                region, (block, bytes) => page[block % ChecksumLayout.SumsPerPage] = BlockSum.IsZero(bytes) ? BlockSum.Zeroes : sum.Of(block, bytes), RefuseUnreadable, cancellationToken);
            // Zeroes are written, too, over what a broken adoption left.
            if (begun is not null || page.AsSpan().ContainsAnyExcept(BlockSum.Zeroes)) Opening.RequireSums(await file.WriteAsync(ChecksumLayout.PageOffset(region), bytes => SumPages.Pack(page, bytes), WriteOptions.None));
            Report(region);
        }

        Opening.RequireSums(await file.FlushAsync());
        Opening.RequireDurableData(await data.FlushAsync(cancellationToken)); // what was read may lie in a cache
        return await FinishAsync(header with { IsComplete = true });
    }

    /// <summary>Writes both copies of a header.</summary>
    public async ValueTask<ChecksumHeader> FinishAsync(ChecksumHeader header)
    {
        await WriteHeaderAsync(ChecksumLayout.SecondHeader, header);
        await WriteHeaderAsync(0, header);
        return header;
    }

    private async ValueTask WriteHeaderAsync(long offset, ChecksumHeader header) =>
        Opening.RequireSums(await file.WriteAsync(offset, bytes => header.ToBytes().CopyTo(bytes), WriteOptions.ForceUnitAccess));

    /// <summary>What lies there would be taken for marks and sums.</summary>
    private async ValueTask CheckSumsAreEmptyAsync()
    {
        for (long offset = 0; offset < layout.SumsLength; offset += ChecksumLayout.BlockLength)
        {
            if (RegionScan.IsHole(sums, offset, ChecksumLayout.BlockLength)) continue;
            bool isEmpty = true;
            await file.LoadAsync(offset, bytes => isEmpty = !bytes.ContainsAnyExcept((byte)0));
            if (!isEmpty) throw new StoreOpenException($"the store of sums, the second of 'over', holds something else at byte {offset}: give an empty one, or the one that belongs to the data");
        }
    }

    private void RefuseContent(long block, DataSlice bytes)
    {
        if (BlockSum.IsZero(bytes)) return;
        throw new StoreOpenException(
            $"the data have content at byte {block * ChecksumLayout.BlockLength}, and there are no sums of it: say adopt = true to take the data as they are, or give the store of sums that belongs to them");
    }

    private static void RefuseUnreadable(long block, StorageResult result) =>
        throw new StoreOpenException($"the data cannot be read at byte {block * ChecksumLayout.BlockLength} ({result.Status}): sums can be taken of what can be read only");

    private void Report(long region)
    {
        long step = Math.Max(1, layout.Regions / Steps);
        if (layout.Regions > Steps && (region + 1) % step == 0) LogProgress(logger, (region + 1) * 100 / layout.Regions, layout.DataLength);
    }

    [LoggerMessage(EventId = 2, Level = LogLevel.Information, Message = "first sums: went through {Percent} % of {Length} bytes")]
    private static partial void LogProgress(ILogger logger, long percent, long length);
}
