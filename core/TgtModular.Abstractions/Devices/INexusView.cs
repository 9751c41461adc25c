using TgtModular.Scsi;

namespace TgtModular.Devices;

/// <summary>A target port as identification data shows it (SPC-5 section 7.7.3).</summary>
/// <param name="TargetName">Name of the target in its transport (iSCSI name, WWPN as text).</param>
/// <param name="Protocol">Protocol.</param>
/// <param name="RelativePortIdentifier">Relative target port identifier, 1 to 65535.</param>
/// <param name="PortalGroupTag">iSCSI target portal group tag; 0 elsewhere.</param>
/// <param name="PortName">Name of the port: iSCSI <c>name,t,0xTPGT</c>; a WWPN as sixteen digits.</param>
public sealed record TargetPortIdentity(string TargetName, ProtocolIdentifier Protocol, ushort RelativePortIdentifier, ushort PortalGroupTag, string PortName);

/// <summary>An I_T nexus as a device server sees it. Reference equality is identity.</summary>
public interface INexusView
{
    /// <summary>The initiator port.</summary>
    TransportId Initiator { get; }

    /// <summary>The target port.</summary>
    TargetPortIdentity TargetPort { get; }

    /// <summary>LUNs this nexus reaches, ascending.</summary>
    IReadOnlyList<Lun> Luns { get; }
}
