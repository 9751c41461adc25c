using System.Buffers.Binary;
using TgtModular.Devices;

namespace TgtModular.Scsi.Primary;

/// <summary>READ CAPACITY(16) (SBC-3 section 5.16): what a unit of logical blocks says of its size.</summary>
/// <param name="BlockCount">Logical blocks; at least 1.</param>
/// <param name="BlockLength">Bytes per logical block.</param>
public readonly record struct ReadCapacity16(long BlockCount, int BlockLength)
{
    /// <summary>Service action of SERVICE ACTION IN(16).</summary>
    public const int ServiceAction = 0x10;

    private const int Length = 32;

    /// <summary>RC BASIS (ZBC-2): 0 when the count ends with the conventional zones at the start, 1 when it is that of all zones; 0 for others.</summary>
    public int Basis { get; init; }

    /// <summary>LOGICAL BLOCKS PER PHYSICAL BLOCK EXPONENT.</summary>
    public int PhysicalBlockExponent { get; init; }

    /// <summary>LOWEST ALIGNED LOGICAL BLOCK ADDRESS.</summary>
    public int LowestAlignedLba { get; init; }

    /// <summary>LBPME: blocks can be unmapped.</summary>
    public bool Thin { get; init; }

    /// <summary>LBPRZ: unmapped blocks read as zero.</summary>
    public bool UnmappedReadsZero { get; init; }

    /// <summary>The row of the command.</summary>
    /// <param name="capacity">Asked with each command, when the unit is ready.</param>
    public static CommandDescriptor Row(Func<ReadCapacity16> capacity) => new()
    {
        OperationCode = OpCode.ServiceActionIn16,
        ServiceAction = ServiceAction,
        Name = "READ CAPACITY(16)",
        UsageMask = CdbMask.Of("9E 10 0000000000000000 FFFFFFFF 00 00"),
        Direction = DataDirection.In,
        DataLength = cdb => new DataLengths(0, BinaryPrimitives.ReadUInt32BigEndian(cdb[10..])),
        Reservation = ReservationRule.Allowed,
        NeedsMedium = true,
        Handler = command => capacity().Reply(command),
    };

    private ValueTask<ScsiOutcome> Reply(ScsiCommand command)
    {
        Span<byte> data = stackalloc byte[Length];
        data.Clear();
        BinaryPrimitives.WriteInt64BigEndian(data, BlockCount - 1);
        BinaryPrimitives.WriteInt32BigEndian(data[8..], BlockLength);
        data[12] = (byte)(Basis << 4);
        data[13] = (byte)PhysicalBlockExponent;
        BinaryPrimitives.WriteUInt16BigEndian(data[14..], (ushort)LowestAlignedLba);
        if (Thin) data[14] |= 0x80; // LBPME
        if (UnmappedReadsZero) data[14] |= 0x40; // LBPRZ
        return command.Reply(data);
    }
}
