using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.TestKit;

/// <summary>An I_T nexus for device servers: two of them are two initiators.</summary>
/// <param name="initiatorName">iSCSI name of the initiator.</param>
/// <param name="relativePort">Relative identifier of the target port.</param>
public sealed class TestNexus(string initiatorName = "iqn.2026-11.org.example:initiator", ushort relativePort = 1) : INexusView
{
    /// <inheritdoc/>
    public TransportId Initiator { get; } = TransportId.ForIscsi(initiatorName, [0x80, 0, 0, 0, 0, 1]);

    /// <inheritdoc/>
    public TargetPortIdentity TargetPort { get; } = new(
        "iqn.2026-11.org.example:target", ProtocolIdentifier.Iscsi, relativePort, 1, "iqn.2026-11.org.example:target,t,0x0001");

    /// <inheritdoc/>
    public IReadOnlyList<Lun> Luns { get; set; } = [Lun.FromNumber(0)];
}
