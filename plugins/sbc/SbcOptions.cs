using TgtModular.Plugins;

namespace TgtModular.Sbc;

/// <summary>The options of a disk, and their values as the device reads them.</summary>
internal static class SbcOptions
{
    public const string BlockSize = "block_size";
    public const string ReadOnly = "readonly";
    public const string Removable = "removable";
    public const string WriteCache = "write_cache";
    public const string Thin = "thin";
    public const string DescriptorSense = "descriptor_sense";
    public const string PhysicalBlockExponent = "lbppbe";
    public const string LowestAlignedLba = "lowest_aligned_lba";
    public const string TransferGranularity = "optimal_transfer_granularity";
    public const string TransferLength = "optimal_transfer_length";
    public const string RotationRate = "rotation_rate";
    public const string MaximumWriteSame = "max_write_same";

    public const int SmallestBlock = 512;
    public const int LargestBlock = 65536;

    public static OptionSchema Schema { get; } = OptionSchema.Of(
        new OptionDefinition(BlockSize, OptionType.Size, "Bytes per logical block, a power of two; 512 when left out.")
        {
            Default = 512L,
            Minimum = SmallestBlock,
            Maximum = LargestBlock,
        },
        new OptionDefinition(ReadOnly, OptionType.Boolean, "Refuse every write.") { Default = false, Mutable = true },
        new OptionDefinition(Removable, OptionType.Boolean, "Show a removable medium that initiators can eject and load.") { Default = false, Mutable = true },
        new OptionDefinition(WriteCache, OptionType.Boolean, "Writes may stay in the store's volatile cache until they are flushed (WCE).")
        {
            Default = true,
            Mutable = true,
        },
        new OptionDefinition(Thin, OptionType.Boolean, "Offer UNMAP and thin provisioning; when left out, if the store can discard."),
        new OptionDefinition(DescriptorSense, OptionType.Boolean, "Sense data in descriptor format (D_SENSE).") { Default = false, Mutable = true },
        new OptionDefinition(PhysicalBlockExponent, OptionType.Integer, "Logical blocks per physical block, as a power of two; when left out, by the store.")
        {
            Minimum = 0,
            Maximum = 15,
            Mutable = true,
        },
        new OptionDefinition(LowestAlignedLba, OptionType.Integer, "LBA of the first logical block at the start of a physical block.")
        {
            Default = 0L,
            Minimum = 0,
            Maximum = 0x3FFF,
            Mutable = true,
        },
        new OptionDefinition(TransferGranularity, OptionType.Integer, "Optimal transfer length granularity in blocks; when left out, one physical block.")
        {
            Minimum = 0,
            Maximum = ushort.MaxValue,
            Mutable = true,
        },
        new OptionDefinition(TransferLength, OptionType.Integer, "Optimal transfer length in blocks; when left out, by the store.")
        {
            Minimum = 0,
            Maximum = uint.MaxValue,
            Mutable = true,
        },
        new OptionDefinition(RotationRate, OptionType.Integer, "Revolutions per minute, 1 for solid state, 0 for not told; when left out, by the store.")
        {
            Minimum = 0,
            Maximum = 0xFFFE,
            Mutable = true,
        },
        new OptionDefinition(MaximumWriteSame, OptionType.Integer, "Longest WRITE SAME in blocks, 0 for no limit; 65535 when left out.")
        {
            Default = 65535L,
            Minimum = 0,
            Maximum = uint.MaxValue,
        });
}
