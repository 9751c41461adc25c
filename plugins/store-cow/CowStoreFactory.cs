using System.Numerics;
using Microsoft.Extensions.Logging;
using TgtModular.Buffers;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>Opens stores of type <c>cow</c>.</summary>
[ExportStore("cow")]
public sealed partial class CowStoreFactory : IStoreFactory
{
    private const long SmallestCluster = 4096;
    private const long LargestCluster = 16 << 20;

    /// <summary>A map is kept in memory, twice: at most 256 MiB each.</summary>
    private const int MostMapBlocks = 64 << 10;

    /// <inheritdoc/>
    public OptionSchema Options { get; } = OptionSchema.Of(
        new OptionDefinition("cluster_size", OptionType.Size, "Bytes that are copied as one, when a part of them is written for the first time: a power of two from 4KiB to 16MiB. A delta keeps that which it was made with.")
        {
            Default = 64L * 1024,
            Check = value => value is >= SmallestCluster and <= LargestCluster && BitOperations.IsPow2((long)value) ? null : "must be a power of two from 4KiB to 16MiB",
        });

    /// <inheritdoc/>
    /// <remarks>The base, and the delta.</remarks>
    public int LowerCount => 2;

    /// <inheritdoc/>
    public StoreUpgrade Upgrade => StoreUpgrade.Unnoticed;

    /// <inheritdoc/>
    public async ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Lower is not [IBlockStore lower, IBlockStore delta]) throw new StoreOpenException("a cow store stands on two block stores: the base, and the delta for what is changed");
        if (lower.Length == 0) throw new StoreOpenException("the base has no bytes");
        if (!delta.Info.Has(StoreCapabilities.Write)) throw new StoreOpenException("the delta, the second store of 'over', cannot be written");
        byte[] fingerprint = await BaseFingerprint.TakeAsync(lower, cancellationToken);
        byte[] block = new byte[CowLayout.BlockLength];
        await ReadAsync(delta, 0, block, cancellationToken);
        bool isNew = block.AsSpan().IndexOfAnyExcept((byte)0) < 0;
        CowLayout layout = isNew
            ? new CowLayout(lower.Length, (int)context.Options.GetInteger("cluster_size"))
            : Known(CowHeader.Read(block, out string problem), problem, lower, fingerprint);
        Check(layout, lower, delta);

        CowMap map = new(layout);
        for (int i = 0; i < layout.MapBlocks; i++)
        {
            await ReadAsync(delta, CowLayout.MapOffset + ((long)i * CowLayout.BlockLength), block, cancellationToken);
            if (isNew && block.AsSpan().IndexOfAnyExcept((byte)0) >= 0)
                throw new StoreOpenException("the delta is not empty, and has no header of a delta: give an empty store, or the one that belongs to this base");
            if (!map.Load(i, block)) throw new StoreOpenException($"the map of the delta is damaged at byte {CowLayout.MapOffset + ((long)i * CowLayout.BlockLength)}: restore the delta from a backup");
        }

        if (isNew) await MakeAsync(delta, new CowHeader(layout, fingerprint), cancellationToken);
        LogOpened(context.Host.Logger, isNew ? "a new" : "the", map.Count(), layout.Clusters, layout.ClusterLength);
        return new CowStore(lower, delta, layout, map);
    }

    private static CowLayout Known(CowHeader? header, string problem, IBlockStore lower, byte[] fingerprint)
    {
        if (header is null) throw new StoreOpenException($"the delta, the second store of 'over', cannot be used: {problem}");
        if (header.Layout.BaseLength != lower.Length)
            throw new StoreOpenException($"the delta belongs to a base of {header.Layout.BaseLength} bytes, and this one has {lower.Length}");
        if (!header.Fingerprint.AsSpan().SequenceEqual(fingerprint))
            throw new StoreOpenException("the delta belongs to another base, or the base was written to: what is changed in a base is noise under a delta");
        long cluster = header.Layout.ClusterLength;
        if (cluster is < SmallestCluster or > LargestCluster || !BitOperations.IsPow2(cluster)) throw new StoreOpenException("the delta's header is damaged: restore it from a backup");
        return header.Layout;
    }

    private static void Check(CowLayout layout, IBlockStore lower, IBlockStore delta)
    {
        if (layout.Clusters > (long)MostMapBlocks * CowLayout.ClustersPerBlock)
        {
            throw new StoreOpenException(
                $"a base of {layout.BaseLength} bytes has too many clusters of {layout.ClusterLength} bytes for a map in memory: choose a larger cluster_size for a new delta");
        }

        if (delta.Length < layout.DeltaLength)
            throw new StoreOpenException($"the delta has {delta.Length} bytes, and needs {layout.DeltaLength}: as many as the base, and its map (a sparse file takes the room of what is changed only)");
        int alignment = Math.Max(lower.Info.Alignment, delta.Info.Alignment);
        if (alignment > CowLayout.BlockLength) throw new StoreOpenException($"the stores beneath want multiples of {alignment} bytes, and the map has blocks of {CowLayout.BlockLength}");
        foreach (IBlockStore store in (IBlockStore[])[lower, delta])
        {
            if (store.Info.MaximumTransferLength is not 0 and int most && most < layout.ClusterLength)
                throw new StoreOpenException($"a store beneath takes at most {most} bytes in one call, less than a cluster of {layout.ClusterLength}");
        }
    }

    private static async ValueTask MakeAsync(IBlockStore delta, CowHeader header, CancellationToken cancellationToken)
    {
        StorageResult result = await delta.WriteAsync(0, DataBuffer.Wrap(header.ToBytes()).Slice(), WriteOptions.None, cancellationToken);
        if (result.IsOk) result = await delta.FlushAsync(cancellationToken);
        if (!result.IsOk) throw new StoreOpenException($"the delta's header cannot be written ({result.Status})");
    }

    private static async ValueTask ReadAsync(IBlockStore delta, long offset, byte[] block, CancellationToken cancellationToken)
    {
        StorageResult result = await delta.ReadAsync(offset, DataBuffer.Wrap(block).Slice(), cancellationToken);
        if (!result.IsOk) throw new StoreOpenException($"the delta cannot be read at byte {offset} ({result.Status}); it wants as many bytes as the base, and some for its map");
    }

    [LoggerMessage(EventId = 1, Level = LogLevel.Information, Message = "{Which} delta: it has {Changed} of {Clusters} clusters of {ClusterLength} bytes")]
    private static partial void LogOpened(ILogger logger, string which, long changed, long clusters, int clusterLength);
}
