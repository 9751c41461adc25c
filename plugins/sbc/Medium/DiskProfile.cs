using System.Numerics;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.Sbc;

/// <summary>What a disk says about itself and an administrator may change while it runs. Replaced whole.</summary>
/// <param name="PhysicalBlockExponent">LOGICAL BLOCKS PER PHYSICAL BLOCK EXPONENT.</param>
/// <param name="LowestAlignedLba">LOWEST ALIGNED LOGICAL BLOCK ADDRESS.</param>
/// <param name="TransferGranularity">OPTIMAL TRANSFER LENGTH GRANULARITY in blocks, 0 for none.</param>
/// <param name="TransferLength">OPTIMAL TRANSFER LENGTH in blocks, 0 for none.</param>
/// <param name="RotationRate">MEDIUM ROTATION RATE.</param>
internal sealed record DiskProfile(int PhysicalBlockExponent, int LowestAlignedLba, int TransferGranularity, uint TransferLength, int RotationRate)
{
    /// <summary>The profile of a new disk: options first, then what the store says.</summary>
    public static DiskProfile Create(OptionValues options, StoreInfo store, int blockLength)
    {
        int byStore = Math.Clamp(BitOperations.Log2((uint)Math.Max(store.PhysicalBlockLength / blockLength, 1)), 0, 15);
        int exponent = (int)Choose(options, SbcOptions.PhysicalBlockExponent, byStore);
        return new DiskProfile(
            exponent,
            (int)options.GetInteger(SbcOptions.LowestAlignedLba),
            (int)Choose(options, SbcOptions.TransferGranularity, exponent == 0 ? 0 : 1L << exponent),
            (uint)Choose(options, SbcOptions.TransferLength, store.OptimalTransferLength / blockLength),
            (int)Choose(options, SbcOptions.RotationRate, store.RotationRate));
    }

    private static long Choose(OptionValues options, string name, long otherwise) => options.Has(name) ? options.GetInteger(name) : otherwise;
}

/// <summary>What a disk can do; constant for its life.</summary>
/// <param name="BlockLength">Bytes per logical block, a power of two.</param>
/// <param name="MaximumTransferLength">Most bytes of data in one command.</param>
/// <param name="Thin">Thin provisioned: unmapping is offered.</param>
/// <param name="UnmappedReadsZero">LBPRZ.</param>
/// <param name="VolatileCache">The store keeps writes in a volatile cache.</param>
/// <param name="UnmapGranularity">Blocks in the unit that the store deallocates; at least 1.</param>
/// <param name="MaximumWriteSame">MAXIMUM WRITE SAME LENGTH in blocks; 0 for no limit.</param>
/// <param name="StoreWritable">The store can be written at all.</param>
internal sealed record DiskAbilities(
    int BlockLength, int MaximumTransferLength, bool Thin, bool UnmappedReadsZero, bool VolatileCache, long UnmapGranularity, long MaximumWriteSame,
    bool StoreWritable)
{
    /// <summary>MAXIMUM COMPARE AND WRITE LENGTH: blocks; the Data-Out holds them twice.</summary>
    public int MaximumCompareAndWrite => Math.Min(byte.MaxValue, MaximumTransferLength / BlockLength / 2);

    /// <summary>The abilities of a new disk.</summary>
    /// <exception cref="DeviceServerException">The options do not fit the store; the message says what to change.</exception>
    public static DiskAbilities Create(string unit, OptionValues options, StoreInfo store, int maximumTransferLength)
    {
        long blockLength = options.GetInteger(SbcOptions.BlockSize);
        if (!BitOperations.IsPow2(blockLength) || blockLength is < SbcOptions.SmallestBlock or > SbcOptions.LargestBlock)
            throw new DeviceServerException($"unit {unit}: block_size {blockLength} is not a power of two from 512 to 65536");
        if (blockLength % store.Alignment != 0)
            throw new DeviceServerException($"unit {unit}: the store works in pieces of {store.Alignment} bytes; give block_size = {store.Alignment} or more");
        bool discards = store.Has(StoreCapabilities.Discard) && store.Has(StoreCapabilities.Write);
        bool thin = options.Has(SbcOptions.Thin) ? options.GetBoolean(SbcOptions.Thin) : discards;
        if (thin && !discards)
            throw new DeviceServerException($"unit {unit}: thin = true, but its store cannot discard; leave thin out or choose another store");
        return new DiskAbilities(
            (int)blockLength,
            maximumTransferLength,
            thin,
            thin && store.Has(StoreCapabilities.DiscardReadsZero),
            store.Has(StoreCapabilities.VolatileCache),
            Math.Max(1, store.DiscardGranularity / blockLength),
            options.GetInteger(SbcOptions.MaximumWriteSame),
            store.Has(StoreCapabilities.Write));
    }
}
