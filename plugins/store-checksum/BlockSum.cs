using System.Buffers.Binary;
using TgtModular.Buffers;
using TgtModular.Iscsi.Protocol.Digests;

namespace TgtModular.Stores;

/// <summary>
/// The sum of a block: CRC32C over the pair's id, the block's number and its bytes. The number is in it so that a block that lies at another's place is found; the id, so that sums of another
/// pair never match.
/// </summary>
internal sealed class BlockSum(Guid id)
{
    /// <summary>In place of a sum: the block is all zeroes. So sums that were never written are those of data that were never written.</summary>
    public const uint Zeroes = 0;

    private const int IdLength = 16;

    /// <summary>Of a block's bytes, wherever they lie.</summary>
    public uint Of(long block, DataSlice data)
    {
        Crc32C crc = Start(block);
        foreach (DataSegment segment in data) crc.Append(segment.Span);
        return Kept(crc);
    }

    /// <summary>Of a block's bytes.</summary>
    public uint Of(long block, ReadOnlySpan<byte> data)
    {
        Crc32C crc = Start(block);
        crc.Append(data);
        return Kept(crc);
    }

    /// <summary>True when the bytes are those that the sum was taken of.</summary>
    public bool Matches(uint sum, long block, DataSlice data) => sum == Zeroes ? IsZero(data) : sum == Of(block, data);

    /// <summary>True when all bytes are zero.</summary>
    public static bool IsZero(DataSlice data)
    {
        foreach (DataSegment segment in data)
        {
            if (segment.Span.ContainsAnyExcept((byte)0)) return false;
        }

        return true;
    }

    private Crc32C Start(long block)
    {
        Span<byte> prefix = stackalloc byte[IdLength + sizeof(long)];
        _ = id.TryWriteBytes(prefix);
        BinaryPrimitives.WriteInt64LittleEndian(prefix[IdLength..], block);
        Crc32C crc = default;
        crc.Append(prefix);
        return crc;
    }

    private static uint Kept(Crc32C crc) => crc.Value == Zeroes ? uint.MaxValue : crc.Value;
}
