using System.Buffers.Binary;

namespace TgtModular.Stores;

/// <summary>The first block of a store of sums, and the second: whose sums they are.</summary>
/// <param name="DataLength">Bytes of the data.</param>
/// <param name="Id">Of this pair: goes into every sum, so that sums of another pair never match.</param>
/// <param name="IsComplete">False while the sums are taken for the first time.</param>
internal sealed record ChecksumHeader(long DataLength, Guid Id, bool IsComplete)
{
    private const int BlockOffset = HeaderSeal.Length;
    private const int RegionOffset = 24;
    private const int CompleteOffset = 28;
    private const int DataOffset = 32;
    private const int IdOffset = 40;
    private const int ChecksumOffset = 56;

    private static ReadOnlySpan<byte> Magic => "TgtModular sums\0"u8;

    /// <summary>The header as it is kept: all in the first sector, so that it is there whole or not at all.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[ChecksumLayout.BlockLength];
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(BlockOffset), ChecksumLayout.BlockLength);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(RegionOffset), ChecksumLayout.SumsPerPage);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(CompleteOffset), IsComplete ? 1 : 0);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(DataOffset), DataLength);
        Id.TryWriteBytes(bytes.AsSpan(IdOffset));
        HeaderSeal.Put(bytes, Magic, ChecksumOffset);
        return bytes;
    }

    /// <summary>Reads a header.</summary>
    /// <returns>Null when this is none; <paramref name="problem"/> says why.</returns>
    public static ChecksumHeader? Read(ReadOnlySpan<byte> bytes, out string problem)
    {
        problem = HeaderSeal.FindProblem(bytes, Magic, ChecksumOffset);
        if (problem.Length == 0 && (BinaryPrimitives.ReadInt32LittleEndian(bytes[BlockOffset..]) != ChecksumLayout.BlockLength || BinaryPrimitives.ReadInt32LittleEndian(bytes[RegionOffset..]) != ChecksumLayout.SumsPerPage))
            problem = "it has blocks or regions of another size";
        if (problem.Length > 0) return null;
        bool isComplete = BinaryPrimitives.ReadInt32LittleEndian(bytes[CompleteOffset..]) == 1;
        return new ChecksumHeader(BinaryPrimitives.ReadInt64LittleEndian(bytes[DataOffset..]), new Guid(bytes.Slice(IdOffset, 16)), isComplete);
    }
}
