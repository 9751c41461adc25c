using System.Buffers.Binary;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;

namespace Samples.Zoned;

/// <summary>Vital product data: SPC-5 section 7.7, SBC-4 section 6.6 and ZBC section 6.5. Offsets are the standards', less the header's four.</summary>
internal static class ZonedVpd
{
    private const byte BlockLimitsCode = 0xB0;
    private const byte BlockDeviceCharacteristicsCode = 0xB1;
    private const byte ZonedCharacteristicsCode = 0xB6;

    public static VpdPageSet Create(UnitIdentity identity, ZonedMedium medium) => new VpdPageSet(PeripheralDeviceType.ZonedBlock)
        .AddIdentification(identity, volatileCache: true) // the write pointers, if nothing else
        .Add(BlockLimitsCode, _ => BuildBlockLimits(medium))
        .Add(BlockDeviceCharacteristicsCode, _ => BuildCharacteristics(medium))
        .Add(ZonedCharacteristicsCode, _ => BuildZonedCharacteristics(medium));

    private static byte[] BuildBlockLimits(ZonedMedium medium)
    {
        byte[] body = new byte[60];
        BinaryPrimitives.WriteInt32BigEndian(body.AsSpan(4), medium.MaximumTransferLength / medium.BlockLength);
        return body;
    }

    /// <summary>ZONED stays zero: the device type says it.</summary>
    private static byte[] BuildCharacteristics(ZonedMedium medium)
    {
        byte[] body = new byte[60];
        BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)medium.RotationRate);
        return body;
    }

    private static byte[] BuildZonedCharacteristics(ZonedMedium medium)
    {
        byte[] body = new byte[60];
        body[0] = (byte)(medium.ConstrainedReads ? 0 : 1); // URSWRZ
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(4), uint.MaxValue); // of sequential write preferred zones nothing is reported
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(8), uint.MaxValue);
        BinaryPrimitives.WriteUInt32BigEndian(body.AsSpan(12), medium.Zones.MaximumOpen == 0 ? uint.MaxValue : (uint)medium.Zones.MaximumOpen);
        return body;
    }
}
