using System.Buffers.Binary;

namespace TgtModular.Scsi.Primary;

/// <summary>LOGICAL BLOCK ADDRESS and length of a CDB, in blocks.</summary>
/// <param name="Address">First block.</param>
/// <param name="Count">Blocks; up to 2^32 - 1.</param>
public readonly record struct BlockRange(ulong Address, uint Count)
{
    /// <summary>
    /// Reads both fields where the CDBs of a length have them (SPC-4 section 4.2.2): READ and WRITE, their kin, and everything else of SBC-3 that
    /// names a range, but COMPARE AND WRITE. A zero length of the six byte CDBs means 256. The CDB is whole: its row has been found.
    /// </summary>
    public static BlockRange Read(ReadOnlySpan<byte> cdb) => (cdb[0] >> 5) switch
    {
        0 => new BlockRange(BinaryPrimitives.ReadUInt32BigEndian(cdb) & 0x1F_FFFF, cdb[4] == 0 ? 256u : cdb[4]),
        1 or 2 => new BlockRange(BinaryPrimitives.ReadUInt32BigEndian(cdb[2..]), BinaryPrimitives.ReadUInt16BigEndian(cdb[7..])),
        5 => new BlockRange(BinaryPrimitives.ReadUInt32BigEndian(cdb[2..]), BinaryPrimitives.ReadUInt32BigEndian(cdb[6..])),
        _ => new BlockRange(BinaryPrimitives.ReadUInt64BigEndian(cdb[2..]), BinaryPrimitives.ReadUInt32BigEndian(cdb[10..])),
    };

    /// <summary>Index of the length field in a CDB, for field pointers.</summary>
    public static int LengthFieldIndex(byte operationCode) => (operationCode >> 5) switch
    {
        0 => 4,
        1 or 2 => 7,
        5 => 6,
        _ => 10,
    };
}
