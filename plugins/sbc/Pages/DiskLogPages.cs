using System.Buffers.Binary;
using TgtModular.Devices;
using TgtModular.Scsi.Primary;

namespace TgtModular.Sbc;

/// <summary>The log pages of disks (SPC-4 section 7.3): temperature, protocol specific port, general statistics and performance.</summary>
internal static class DiskLogPages
{
    /// <summary>Time intervals are told in microseconds: EXPONENT is the negative power of ten.</summary>
    private const int IntervalExponent = 6;

    private const byte UnknownTemperature = 0xFF;

    public static LogPageSet Create(BlockMedium medium) => new LogPageSet()
        .Add(0x0D, 0, _ => BuildTemperature())
        .Add(0x18, 0, BuildPort)
        .Add(0x19, 0, _ => BuildStatistics(medium));

    /// <summary>A disk without a body has no temperature, and says so.</summary>
    private static LogParameter[] BuildTemperature() =>
    [
        new(0x0000, LogParameterFormat.BinaryList, [0, UnknownTemperature]),
        new(0x0001, LogParameterFormat.BinaryList, [0, UnknownTemperature]),
    ];

    /// <summary>The port a command came through: its relative identifier and protocol; iSCSI defines nothing further.</summary>
    private static LogParameter[] BuildPort(INexusView nexus) =>
        [new(nexus.TargetPort.RelativePortIdentifier, LogParameterFormat.BinaryList, [(byte)nexus.TargetPort.Protocol, 0, 0, 0])];

    private static LogParameter[] BuildStatistics(BlockMedium medium)
    {
        DiskStatistics.Totals totals = medium.Statistics.Sum();
        long ReadIntervals() => (long)medium.Clock.GetElapsedTime(0, totals.ReadTicks).TotalMicroseconds;
        long WriteIntervals() => (long)medium.Clock.GetElapsedTime(0, totals.WriteTicks).TotalMicroseconds;
        // Weighted intervals count a command's time once for each command running beside it, which is the plain sum of all times.
        long[] counters =
        [
            totals.Reads, totals.Writes, totals.BlocksWritten, totals.BlocksRead,
            ReadIntervals(), WriteIntervals(), ReadIntervals() + WriteIntervals(), ReadIntervals() + WriteIntervals(),
        ];
        byte[] general = new byte[counters.Length * 8];
        for (int i = 0; i < counters.Length; i++) BinaryPrimitives.WriteInt64BigEndian(general.AsSpan(i * 8), counters[i]);
        byte[] interval = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(interval, IntervalExponent);
        BinaryPrimitives.WriteInt32BigEndian(interval.AsSpan(4), 1);
        return [new(0x0001, LogParameterFormat.BinaryList, general), new(0x0003, LogParameterFormat.BinaryList, interval)];
    }
}
