using System.Numerics;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>Opens stores of type <c>cache</c>.</summary>
[ExportStore("cache")]
public sealed class CacheStoreFactory : IStoreFactory
{
    private const long SmallestBlock = 4096;
    private const long LargestBlock = 1 << 20;
    private const long LargestCache = 1L << 40;

    /// <inheritdoc/>
    public OptionSchema Options { get; } = OptionSchema.Of(
        new OptionDefinition("size", OptionType.Size, "Bytes of memory for what was read; taken at opening, all of it.")
        {
            Default = 64L << 20,
            Check = value => value is >= SmallestBlock * BlockCache.Ways and <= LargestCache ? null : "must be 32KiB to 1TiB",
        },
        new OptionDefinition("block_size", OptionType.Size, "Bytes that are read and kept as one: a power of two from 4KiB to 1MiB.")
        {
            Default = 64L << 10,
            Check = value => value is >= SmallestBlock and <= LargestBlock && BitOperations.IsPow2((long)value) ? null : "must be a power of two from 4KiB to 1MiB",
        });

    /// <inheritdoc/>
    public int LowerCount => 1;

    /// <inheritdoc/>
    public StoreUpgrade Upgrade => StoreUpgrade.Unnoticed;

    /// <inheritdoc/>
    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Lower is not [IBlockStore lower]) throw new StoreOpenException("a cache store stands on one block store");
        (long size, int block) = (context.Options.GetInteger("size"), (int)context.Options.GetInteger("block_size"));
        if (size < (long)block * BlockCache.Ways) throw new StoreOpenException($"size {size} is less than {BlockCache.Ways} blocks of block_size {block}");
        if (lower.Info.Alignment > block) throw new StoreOpenException($"block_size {block} is less than the {lower.Info.Alignment} bytes that the store beneath wants multiples of");
        if (lower.Info.MaximumTransferLength is not 0 and int most && most < block) throw new StoreOpenException($"block_size {block} is more than the {most} bytes that the store beneath takes in one call");
        try
        {
            return ValueTask.FromResult<IBackingStore>(new CacheStore(lower, new BlockCache(size, block), context.Observer, context.Host.Meter));
        }
        catch (OutOfMemoryException)
        {
            throw new StoreOpenException($"there is no memory for a cache of {size} bytes");
        }
    }
}
