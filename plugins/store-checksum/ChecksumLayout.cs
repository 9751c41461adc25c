namespace TgtModular.Stores;

/// <summary>
/// Where things lie in the store of sums: the header twice, and then groups. A group is a block of the map, one byte for each of its regions, and a page of sums for each of them. Places do
/// not depend on the size of the data.
/// </summary>
/// <param name="DataLength">Bytes of the data.</param>
internal sealed record ChecksumLayout(long DataLength)
{
    /// <summary>Bytes that have one sum; and bytes of what is written to the sums as one.</summary>
    public const int BlockLength = 4096;

    /// <summary>Blocks of a region: their sums are one page.</summary>
    public const int SumsPerPage = BlockLength / sizeof(uint);

    /// <summary>Bytes of data that are marked as one while they are written.</summary>
    public const long RegionLength = (long)SumsPerPage * BlockLength;

    /// <summary>Regions that one block of the map speaks of.</summary>
    public const int RegionsPerMap = BlockLength;

    /// <summary>Where the second copy of the header lies.</summary>
    public const long SecondHeader = BlockLength;

    private const long FirstGroup = 2 * BlockLength;
    private const long GroupLength = (1L + RegionsPerMap) * BlockLength;

    /// <summary>Regions of the data; the last one may reach beyond their end.</summary>
    public long Regions => (DataLength + RegionLength - 1) / RegionLength;

    /// <summary>Blocks of the map.</summary>
    public int MapBlocks => (int)((Regions + RegionsPerMap - 1) / RegionsPerMap);

    /// <summary>Bytes that the store of sums must have.</summary>
    public long SumsLength => PageOffset(Regions - 1) + BlockLength;

    /// <summary>Where a block of the map lies.</summary>
    public static long MapOffset(long mapBlock) => FirstGroup + (mapBlock * GroupLength);

    /// <summary>Where the sums of a region lie.</summary>
    public static long PageOffset(long region) => MapOffset(region / RegionsPerMap) + ((1 + (region % RegionsPerMap)) * BlockLength);

    /// <summary>The region of a byte.</summary>
    public static long RegionOf(long offset) => offset / RegionLength;

    /// <summary>Bytes of a block: the last one ends with the data.</summary>
    public int LengthOf(long block) => (int)Math.Min(BlockLength, DataLength - (block * BlockLength));
}
