using System.Numerics;

namespace Samples.Zoned;

/// <summary>How the blocks of the disk are divided into zones; constant for its life.</summary>
/// <param name="BlockLength">Bytes per logical block, a power of two.</param>
/// <param name="ZoneBlocks">Blocks in each zone, a power of two.</param>
/// <param name="ZoneCount">Zones.</param>
/// <param name="ConventionalCount">Conventional zones, the first ones; all others are sequential write required zones.</param>
internal sealed record ZoneGeometry(int BlockLength, long ZoneBlocks, int ZoneCount, int ConventionalCount)
{
    private readonly int _zoneShift = BitOperations.Log2((ulong)ZoneBlocks);

    /// <summary>Logical blocks of the disk.</summary>
    public long BlockCount => ZoneBlocks * ZoneCount;

    /// <summary>Sequential write required zones.</summary>
    public int SequentialCount => ZoneCount - ConventionalCount;

    /// <summary>Bytes that the zones have together.</summary>
    public long DataLength => BlockCount * BlockLength;

    public int ZoneOf(long block) => (int)(block >> _zoneShift);

    public long StartOf(int zone) => (long)zone << _zoneShift;

    public long OffsetInZone(long block) => block & (ZoneBlocks - 1);

    public bool IsSequential(int zone) => zone >= ConventionalCount;
}
