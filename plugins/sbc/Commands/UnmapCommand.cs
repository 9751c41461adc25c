using System.Buffers.Binary;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;
using TgtModular.Storage;

namespace TgtModular.Sbc;

/// <summary>
/// UNMAP (SBC-3 section 5.25). Every descriptor is checked before anything is unmapped; ANCHOR is not there.
/// <code>
/// +--------+--------+--------+--------+
/// |UNMAP DATA LENGTH| BLOCK DESC. LEN.|   header, 8 bytes
/// |             reserved              |
/// +--------+--------+--------+--------+
/// |   UNMAP LOGICAL BLOCK ADDRESS, 8  |   one descriptor, 16 bytes
/// |   NUMBER OF LOGICAL BLOCKS, 4     |
/// |   reserved, 4                     |
/// +--------+--------+--------+--------+
/// </code>
/// </summary>
internal sealed class UnmapCommand(BlockMedium medium, BlockRangeChecks checks)
{
    /// <summary>MAXIMUM UNMAP BLOCK DESCRIPTOR COUNT: what a parameter list of 65535 bytes holds.</summary>
    public const int MaximumDescriptors = (ushort.MaxValue - HeaderLength) / DescriptorLength;

    private const int HeaderLength = 8;
    private const int DescriptorLength = 16;

    public CommandDescriptor Row() => new()
    {
        OperationCode = SbcOpCode.Unmap,
        Name = "UNMAP",
        UsageMask = CdbMask.Of("42 00 00000000 1F FFFF 00"),
        Direction = DataDirection.Out,
        DataLength = cdb => new DataLengths(BinaryPrimitives.ReadUInt16BigEndian(cdb[7..]), 0),
        Serialization = SerializationClass.Write,
        NeedsMedium = true,
        Check = (ScsiCommand _, out ScsiOutcome refusal) => checks.IsWritable(out refusal),
        Handler = UnmapAsync,
    };

    private async ValueTask<ScsiOutcome> UnmapAsync(ScsiCommand command)
    {
        int length = BinaryPrimitives.ReadUInt16BigEndian(command.Cdb[7..]);
        if (length == 0) return ScsiOutcome.Good;
        if (length < HeaderLength || command.DataOut.Length < length) return Sense.ParameterListLengthError;
        if (Read(command.DataOut.Slice(0, length).ToArray(), out List<(long Offset, long Length)> ranges) is { } refusal) return refusal;
        foreach ((long offset, long bytes) in ranges)
        {
            ScsiOutcome outcome = await DiscardAsync(command, offset, bytes);
            if (!outcome.IsGood) return outcome;
        }

        return await medium.SettleAsync(command.Aborted);
    }

    private SenseData? Read(ReadOnlySpan<byte> list, out List<(long Offset, long Length)> ranges)
    {
        ranges = [];
        int dataLength = BinaryPrimitives.ReadUInt16BigEndian(list) + 2;
        int descriptorsLength = BinaryPrimitives.ReadUInt16BigEndian(list[2..]);
        if (dataLength > list.Length) return Sense.InvalidFieldInParameterList(0);
        if (descriptorsLength > dataLength - HeaderLength) return Sense.InvalidFieldInParameterList(2);
        // An incomplete descriptor at the end is passed over, as the standard asks.
        for (int at = HeaderLength; at + DescriptorLength <= HeaderLength + descriptorsLength; at += DescriptorLength)
        {
            ulong address = BinaryPrimitives.ReadUInt64BigEndian(list[at..]);
            uint count = BinaryPrimitives.ReadUInt32BigEndian(list[(at + 8)..]);
            ulong blocks = (ulong)medium.BlockCount;
            if (address > blocks || count > blocks - address) return Sense.LbaOutOfRange; // an empty range may stand at the very end
            if (count > 0) ranges.Add(((long)address << medium.BlockShift, (long)count << medium.BlockShift));
        }

        return null;
    }

    private async ValueTask<ScsiOutcome> DiscardAsync(ScsiCommand command, long offset, long length)
    {
        int ticket = await medium.Locks.EnterAsync(offset, offset + length, exclusive: false, command.Aborted);
        if (ticket < 0) return medium.Map(StorageStatus.Cancelled);
        try
        {
            return await medium.DiscardAsync(offset, length, command.Aborted);
        }
        finally
        {
            medium.Locks.Exit(ticket);
        }
    }
}
