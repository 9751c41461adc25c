using System.Buffers.Binary;

namespace TgtModular.LoadGenerator.Durability;

/// <summary>Slots of 4 KiB from the beginning of the unit; each is written as a whole.</summary>
internal static class SlotLayout
{
    public const int Length = 4096;

    /// <summary>Slots of one session.</summary>
    public const int PerSession = 1024;

    private const byte Write16 = 0x8a;
    private const byte Read16 = 0x88;
    private const byte SynchronizeCache16 = 0x91;
    private const byte ForceUnitAccess = 0x08;

    public static ulong FirstBlock(int slot, int blockLength) => (ulong)slot * (ulong)(Length / blockLength);

    public static byte[] WriteCdb(int slot, int blockLength, bool forceUnitAccess) =>
        Cdb(Write16, forceUnitAccess ? ForceUnitAccess : (byte)0, FirstBlock(slot, blockLength), Length / blockLength);

    public static byte[] ReadCdb(int slot, int blockLength) => Cdb(Read16, 0, FirstBlock(slot, blockLength), Length / blockLength);

    /// <summary>The whole unit.</summary>
    public static byte[] SynchronizeCacheCdb() => Cdb(SynchronizeCache16, 0, 0, 0);

    private static byte[] Cdb(byte operationCode, byte flags, ulong block, int blocks)
    {
        byte[] cdb = new byte[16];
        (cdb[0], cdb[1]) = (operationCode, flags);
        BinaryPrimitives.WriteUInt64BigEndian(cdb.AsSpan(2), block);
        BinaryPrimitives.WriteInt32BigEndian(cdb.AsSpan(10), blocks);
        return cdb;
    }
}
