namespace TgtModular.Scsi.Primary;

/// <summary>VERSION DESCRIPTOR values of standard INQUIRY data (SPC-4 section 6.6.2, table 151), each without a revision claimed.</summary>
public static class VersionDescriptor
{
#pragma warning disable CS1591 // Each name is the standard's own.
    public const ushort Sam5 = 0x00A0;
    public const ushort Scc2 = 0x01E0;
    public const ushort Spc4 = 0x0460;
    public const ushort Sbc3 = 0x04C0;
    public const ushort Sbc4 = 0x0600;
    public const ushort Zbc2 = 0x0660;
    public const ushort Srp = 0x0940;
    public const ushort Iscsi = 0x0960;
    public const ushort Fcp4 = 0x0A40;
#pragma warning restore CS1591

    /// <summary>The descriptor of the transport a command came through; null when the protocol has none here.</summary>
    public static ushort? Of(ProtocolIdentifier protocol) => protocol switch
    {
        ProtocolIdentifier.Iscsi => Iscsi,
        ProtocolIdentifier.FibreChannel => Fcp4,
        ProtocolIdentifier.Srp => Srp,
        _ => null,
    };
}
