using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Samples.Zoned;

/// <summary>
/// Where the state of the zones lies in the store, and what it looks like: behind the zones two copies of the state, of which a save replaces the older one, and
/// at the very end a label that is written once and says how the store is divided. All numbers are big-endian.
/// </summary>
/// <param name="Geometry">The zones.</param>
/// <param name="Unit">Bytes that everything here is a multiple of.</param>
/// <param name="End">Where the label ends.</param>
/// <param name="Id">Of this making: no state of an earlier one is taken for its own.</param>
internal sealed record StateLayout(ZoneGeometry Geometry, int Unit, long End, Guid Id)
{
    /// <summary>Most zones: their state is eight megabytes, written with each flush.</summary>
    public const int MaximumZones = 1 << 20;

    private const int SmallestUnit = 4096;
    private const uint Version = 1;
    private const int LabelCheckedLength = 64;
    private const int HeaderLength = 40;
    private const ulong Finished = 1UL << 63;

    private static ReadOnlySpan<byte> LabelMagic => "TGTZONED"u8;

    /// <summary>Stands where the label is to be for as long as a disk is being made: what the store held has been given up, and the making was not finished.</summary>
    public static ReadOnlySpan<byte> UnfinishedMagic => "TGTZMAKE"u8;

    private static ReadOnlySpan<byte> StateMagic => "TGTZSTAT"u8;

    /// <summary>Bytes of one copy of the state.</summary>
    public int CopyLength => CopyLengthOf(Geometry.SequentialCount, Unit);

    public long LabelOffset => End - Unit;

    /// <summary>Bytes that the label and the smallest pieces of a store have.</summary>
    public static int UnitOf(int alignment) => Math.Max(SmallestUnit, alignment);

    /// <summary>Where the label of a store ends.</summary>
    public static long EndOf(long storeLength, int unit) => storeLength / unit * unit;

    /// <summary>Divides a store.</summary>
    /// <returns>Null when it has no room for one sequential zone, or for too many.</returns>
    public static StateLayout? Divide(long storeLength, int unit, int blockLength, long zoneLength, int conventional)
    {
        long end = EndOf(storeLength, unit);
        long zones = end / zoneLength;
        if (zones > MaximumZones) return null;
        while (zones > conventional && (zones * zoneLength) + (2L * CopyLengthOf((int)zones - conventional, unit)) + unit > end) zones--;
        if (zones <= conventional) return null;
        return new StateLayout(new ZoneGeometry(blockLength, zoneLength / blockLength, (int)zones, conventional), unit, end, Guid.NewGuid());
    }

    /// <summary>Where a copy, 0 or 1, begins.</summary>
    public long CopyOffset(int copy) => LabelOffset - ((2L - copy) * CopyLength);

    public void WriteLabel(Span<byte> label)
    {
        label.Clear();
        LabelMagic.CopyTo(label);
        BinaryPrimitives.WriteUInt32BigEndian(label[8..], Version);
        BinaryPrimitives.WriteInt32BigEndian(label[12..], Geometry.BlockLength);
        BinaryPrimitives.WriteInt64BigEndian(label[16..], Geometry.ZoneBlocks);
        BinaryPrimitives.WriteInt32BigEndian(label[24..], Geometry.ZoneCount);
        BinaryPrimitives.WriteInt32BigEndian(label[28..], Geometry.ConventionalCount);
        _ = Id.TryWriteBytes(label[32..], bigEndian: true, out _);
        SHA256.HashData(label[..LabelCheckedLength], label[LabelCheckedLength..]);
    }

    /// <summary>Looks for a label.</summary>
    /// <param name="label">The last unit of a store.</param>
    /// <param name="unit">Its length.</param>
    /// <param name="end">Where it ends in the store.</param>
    /// <param name="layout">What it says; null when it is damaged, or of a later version.</param>
    /// <returns>False when there is no label.</returns>
    public static bool TryReadLabel(ReadOnlySpan<byte> label, int unit, long end, out StateLayout? layout)
    {
        layout = null;
        if (!label.StartsWith(LabelMagic)) return false;
        Span<byte> sum = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(label[..LabelCheckedLength], sum);
        if (!label.Slice(LabelCheckedLength, sum.Length).SequenceEqual(sum) || BinaryPrimitives.ReadUInt32BigEndian(label[8..]) != Version) return true;
        ZoneGeometry geometry = new(
            BinaryPrimitives.ReadInt32BigEndian(label[12..]),
            BinaryPrimitives.ReadInt64BigEndian(label[16..]),
            BinaryPrimitives.ReadInt32BigEndian(label[24..]),
            BinaryPrimitives.ReadInt32BigEndian(label[28..]));
        StateLayout said = new(geometry, unit, end, new Guid(label.Slice(32, 16), bigEndian: true));
        if (geometry.DataLength <= said.CopyOffset(0)) layout = said; // else another unit was used: the store's alignment has changed
        return true;
    }

    public void WriteState(Span<byte> copy, ulong sequence, ReadOnlySpan<ZoneFill> fills)
    {
        copy.Clear();
        StateMagic.CopyTo(copy);
        BinaryPrimitives.WriteUInt64BigEndian(copy[8..], sequence);
        _ = Id.TryWriteBytes(copy[16..], bigEndian: true, out _);
        BinaryPrimitives.WriteInt32BigEndian(copy[32..], fills.Length);
        for (int i = 0; i < fills.Length; i++)
            BinaryPrimitives.WriteUInt64BigEndian(copy[(HeaderLength + (8 * i))..], (ulong)fills[i].Written | (fills[i].Finished ? Finished : 0));
        int end = HeaderLength + (8 * fills.Length);
        SHA256.HashData(copy[..end], copy[end..]);
    }

    /// <summary>Reads a copy of the state.</summary>
    /// <returns>Null when it is not whole, or not of this making.</returns>
    public ZoneFill[]? ReadState(ReadOnlySpan<byte> copy, out ulong sequence)
    {
        sequence = BinaryPrimitives.ReadUInt64BigEndian(copy[8..]);
        int end = HeaderLength + (8 * Geometry.SequentialCount);
        Span<byte> sum = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(copy[..end], sum);
        bool whole = copy.StartsWith(StateMagic) && copy.Slice(end, sum.Length).SequenceEqual(sum) && new Guid(copy.Slice(16, 16), bigEndian: true) == Id;
        if (!whole) return null;
        ZoneFill[] fills = new ZoneFill[Geometry.SequentialCount];
        for (int i = 0; i < fills.Length; i++)
        {
            ulong entry = BinaryPrimitives.ReadUInt64BigEndian(copy[(HeaderLength + (8 * i))..]);
            fills[i] = new ZoneFill((long)(entry & ~Finished), (entry & Finished) != 0);
            if (fills[i].Written > Geometry.ZoneBlocks) return null;
        }

        return fills;
    }

    private static int CopyLengthOf(int zones, int unit)
    {
        long bytes = HeaderLength + (8L * zones) + SHA256.HashSizeInBytes;
        return checked((int)((bytes + unit - 1) / unit * unit));
    }
}
