using Microsoft.Extensions.Logging;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>Opens stores of type <c>checksum</c>.</summary>
[ExportStore("checksum")]
public sealed partial class ChecksumStoreFactory : IStoreFactory
{
    private const long LargestData = 64L << 40;
    private const long SmallestCache = 64 << 10;
    private const long LargestCache = 64L << 30;

    /// <inheritdoc/>
    public OptionSchema Options { get; } = OptionSchema.Of(
        new OptionDefinition("adopt", OptionType.Boolean, "Takes the sums of data that are there already, the first time; without it only data that are all zeroes are taken. Says nothing to sums that there are.") { Default = false },
        new OptionDefinition("cache_size", OptionType.Size, "Bytes of memory for sums that were used: 1 MiB for each GiB of data.")
        {
            Default = 16L << 20,
            Check = value => value is >= SmallestCache and <= LargestCache ? null : "must be 64KiB to 64GiB",
        },
        new OptionDefinition("dirty_limit", OptionType.Size, "Bytes of data that may be marked as being written: at most these are gone through after a crash.")
        {
            Default = 1L << 30,
            Check = value => value is >= ChecksumLayout.RegionLength and <= LargestData ? null : "must be 4MiB to 64TiB",
        });

    /// <inheritdoc/>
    /// <remarks>The data, and the sums.</remarks>
    public int LowerCount => 2;

    /// <inheritdoc/>
    public StoreUpgrade Upgrade => StoreUpgrade.Unnoticed;

    /// <inheritdoc/>
    /// <remarks>The first time all data are read. One that is broken off begins anew: so it gets as long as there is.</remarks>
    public TimeSpan OpeningLimit => TimeSpan.FromDays(1);

    /// <inheritdoc/>
    public async ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Lower is not [IBlockStore data, IBlockStore sums]) throw new StoreOpenException("a checksum store stands on two block stores: the data, and the sums");
        ChecksumLayout layout = new(data.Length);
        Check(layout, data, sums);
        SumsFile file = new(sums);
        ILogger logger = context.Host.Logger;
        FirstSums first = new(data, sums, file, layout, logger);
        ChecksumHeader? known = await HeaderAsync(first, file, data, logger);
        ChecksumHeader header = known switch
        {
            null when !context.Options.GetBoolean("adopt") => await first.MakeEmptyAsync(cancellationToken),
            { IsComplete: true } => known,
            _ => await first.AdoptAsync(known, cancellationToken),
        };
        RegionMarks marks = new(file, layout);
        int mended = await marks.LoadAsync();
        if (mended > 0) LogMended(logger, mended);
        SumPages pages = new(file, (int)(context.Options.GetInteger("cache_size") / ChecksumLayout.BlockLength));
        int limit = (int)(context.Options.GetInteger("dirty_limit") / ChecksumLayout.RegionLength);
        ChecksumParts parts = new(layout, new BlockSum(header.Id), pages, marks, new DirtyRegions(data, file, marks, pages, limit), file);
        SumRecovery recovery = new(data, parts, logger);
        await recovery.CheckPairAsync(cancellationToken);
        await recovery.RunAsync(cancellationToken);
        LogOpened(logger, header.Id, known is null ? "new" : "known", layout.DataLength);
        return new ChecksumStore(data, sums, parts, context.Host);
    }

    /// <summary>Reads the header, the second copy of it when the first is damaged.</summary>
    /// <returns>Null when there is none, and nothing else either.</returns>
    private static async ValueTask<ChecksumHeader?> HeaderAsync(FirstSums first, SumsFile file, IBlockStore data, ILogger logger)
    {
        byte[] block = [];
        byte[] copy = [];
        await file.LoadAsync(0, bytes => block = bytes.ToArray());
        await file.LoadAsync(ChecksumLayout.SecondHeader, bytes => copy = bytes.ToArray());
        if (!block.AsSpan().ContainsAnyExcept((byte)0) && !copy.AsSpan().ContainsAnyExcept((byte)0)) return null;
        ChecksumHeader? header = ChecksumHeader.Read(block, out string problem);
        bool isSecond = header is null;
        header ??= ChecksumHeader.Read(copy, out _);
        if (header is null) throw new StoreOpenException($"the store of sums, the second of 'over', cannot be used: {problem}");
        if (header.DataLength != data.Length)
            throw new StoreOpenException($"the sums belong to data of {header.DataLength} bytes, and these have {data.Length}: a disk of another size needs sums of its own, an empty store and adopt = true");
        if (!isSecond) return header;
        LogSecond(logger, problem);
        return header.IsComplete ? await first.FinishAsync(header) : header;
    }

    private static void Check(ChecksumLayout layout, IBlockStore data, IBlockStore sums)
    {
        if (data.Length == 0) throw new StoreOpenException("the data have no bytes");
        if (data.Length > LargestData) throw new StoreOpenException($"the data have {data.Length} bytes, and the marks in memory are made for at most {LargestData}");
        if (!sums.Info.Has(StoreCapabilities.Write)) throw new StoreOpenException("the store of sums, the second of 'over', cannot be written");
        if (sums.Length < layout.SumsLength) throw new StoreOpenException($"the store of sums has {sums.Length} bytes, and needs {layout.SumsLength}: a thousandth of the data, and some");
        foreach (IBlockStore store in (IBlockStore[])[data, sums])
        {
            if (store.Info.Alignment > ChecksumLayout.BlockLength) throw new StoreOpenException($"a store beneath wants multiples of {store.Info.Alignment} bytes, and a sum is of {ChecksumLayout.BlockLength}");
            if (store.Info.MaximumTransferLength is not 0 and int most && most < ChecksumLayout.BlockLength)
                throw new StoreOpenException($"a store beneath takes at most {most} bytes in one call, less than the {ChecksumLayout.BlockLength} of a sum");
        }
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "checksums of pair {Id} ({Which}), over {Length} bytes")]
    private static partial void LogOpened(ILogger logger, Guid id, string which, long length);

    [LoggerMessage(EventId = 5, Level = LogLevel.Warning, Message = "the first header of the sums is damaged ({Problem}); the second is good, and was copied over it")]
    private static partial void LogSecond(ILogger logger, string problem);

    [LoggerMessage(EventId = 6, Level = LogLevel.Warning, Message = "{Marks} mark(s) in the map of the sums had bits that turned over, and were read as what they were: look after the store of sums")]
    private static partial void LogMended(ILogger logger, int marks);
}
