using System.Buffers.Binary;
using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.Core.Commands;

/// <summary>REPORT LUNS (SPC-5 section 6.34): the LUN map as this nexus sees it.</summary>
internal static class ReportLuns
{
    private const int HeaderLength = 8;
    private const int MinimumAllocation = 16;

    public static CommandDescriptor Row { get; } = new()
    {
        OperationCode = OpCode.ReportLuns,
        Name = "REPORT LUNS",
        UsageMask = new byte[] { 0, 0, 0xFF, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0 },
        Direction = DataDirection.In,
        DataLength = cdb => new DataLengths(0, BinaryPrimitives.ReadUInt32BigEndian(cdb[6..])),
        Reservation = ReservationRule.Allowed,
        UnitAttention = UnitAttentionRule.Ignore,
        Handler = Handle,
    };

    private static ValueTask<ScsiOutcome> Handle(ScsiCommand command)
    {
        ReadOnlySpan<byte> cdb = command.Cdb;
        if (BinaryPrimitives.ReadUInt32BigEndian(cdb[6..]) < MinimumAllocation) return ScsiOutcome.Check(Sense.InvalidFieldInCdb(6)).AsTask();
        IReadOnlyList<Lun> luns = cdb[2] switch
        {
            0x00 or 0x02 => command.Nexus.Luns, // 02h: also well known units, of which none is reported
            0x01 => [],
            _ => null!,
        };
        if (luns is null) return ScsiOutcome.Check(Sense.InvalidFieldInCdb(2)).AsTask();

        byte[] data = new byte[HeaderLength + (luns.Count * Lun.Length)];
        BinaryPrimitives.WriteInt32BigEndian(data, luns.Count * Lun.Length);
        for (int i = 0; i < luns.Count; i++) luns[i].Write(data.AsSpan(HeaderLength + (i * Lun.Length)));
        // Whoever has seen the map need not be told that it changed (SPC-5 section 6.34).
        (command as CoreCommand)?.UnitNexus?.Clear(AdditionalSense.ReportedLunsDataHasChanged);
        return command.Reply(data);
    }
}
