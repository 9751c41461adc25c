using System.Buffers.Binary;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;

namespace TgtModular.Sbc;

/// <summary>Vital product data of disks (SBC-3 section 6.6): what the commands do is what the pages say.</summary>
internal static class DiskVpd
{
    private const byte BlockLimitsCode = 0xB0;
    private const byte BlockDeviceCharacteristicsCode = 0xB1;
    private const byte LogicalBlockProvisioningCode = 0xB2;

    public static VpdPageSet Create(UnitIdentity identity, BlockMedium medium, Func<DiskProfile> profile) => new VpdPageSet(PeripheralDeviceType.Block)
        .AddIdentification(identity, medium.Abilities.VolatileCache)
        .Add(BlockLimitsCode, _ => BuildBlockLimits(medium.Abilities, profile()))
        .Add(BlockDeviceCharacteristicsCode, _ => BuildCharacteristics(profile()))
        .Add(LogicalBlockProvisioningCode, _ => BuildProvisioning(medium.Abilities));

    private static byte[] BuildBlockLimits(DiskAbilities abilities, DiskProfile profile)
    {
        byte[] body = new byte[60];
        Span<byte> page = body; // offsets below are the standard's, less the header's four
        page[1] = (byte)abilities.MaximumCompareAndWrite; // WSNZ is zero: a zero length goes to the end
        BinaryPrimitives.WriteUInt16BigEndian(page[2..], (ushort)profile.TransferGranularity);
        uint longest = (uint)(abilities.MaximumTransferLength / abilities.BlockLength);
        BinaryPrimitives.WriteUInt32BigEndian(page[4..], longest);
        BinaryPrimitives.WriteUInt32BigEndian(page[8..], Math.Min(profile.TransferLength, longest));
        BinaryPrimitives.WriteInt64BigEndian(page[32..], abilities.MaximumWriteSame);
        if (!abilities.Thin) return body;
        BinaryPrimitives.WriteUInt32BigEndian(page[16..], uint.MaxValue); // MAXIMUM UNMAP LBA COUNT: no limit
        BinaryPrimitives.WriteUInt32BigEndian(page[20..], UnmapCommand.MaximumDescriptors);
        BinaryPrimitives.WriteUInt32BigEndian(page[24..], (uint)abilities.UnmapGranularity);
        BinaryPrimitives.WriteUInt32BigEndian(page[28..], 0x8000_0000); // UGAVALID; granules start at LBA 0
        return body;
    }

    private static byte[] BuildCharacteristics(DiskProfile profile)
    {
        byte[] body = new byte[60];
        BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)profile.RotationRate);
        return body;
    }

    private static byte[] BuildProvisioning(DiskAbilities abilities)
    {
        byte[] body = new byte[4];
        if (!abilities.Thin) return body;
        body[1] = 0xE0; // LBPU, LBPWS, LBPWS10
        if (abilities.UnmappedReadsZero) body[1] |= 0x04; // LBPRZ
        body[2] = 0x02; // PROVISIONING TYPE: thin
        return body;
    }
}
