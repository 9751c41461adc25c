using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TgtModular.Iscsi.Protocol.Naming;

/// <summary>The value of the TargetAddress key (RFC 7143 section 13.8): <c>domainname[:port][,portal-group-tag]</c>.</summary>
/// <param name="Host">A DNS name, a dotted-decimal IPv4 address, or an IPv6 address without its brackets.</param>
/// <param name="Port">TCP port; 3260 where none is given.</param>
/// <param name="PortalGroupTag">Absent in a redirection.</param>
public sealed record TargetAddress(string Host, int Port, ushort? PortalGroupTag)
{
    /// <summary>The iSCSI well-known port.</summary>
    public const int DefaultPort = 3260;

    /// <summary>The address of a portal.</summary>
    /// <param name="portal">Address and port as initiators can reach them; an IPv4-mapped address is given as IPv4.</param>
    /// <param name="portalGroupTag">The portal's group, absent in a redirection.</param>
    public static TargetAddress FromPortal(IPEndPoint portal, ushort? portalGroupTag)
    {
        IPAddress address = portal.Address.IsIPv4MappedToIPv6 ? portal.Address.MapToIPv4() : portal.Address;
        if (address.AddressFamily == AddressFamily.InterNetworkV6 && address.ScopeId != 0)
            address = new IPAddress(address.GetAddressBytes());
        return new TargetAddress(address.ToString(), portal.Port, portalGroupTag);
    }

    /// <summary>Reads a value. The port and the tag may be missing.</summary>
    /// <param name="value">A value.</param>
    /// <param name="address">What it says.</param>
    public static bool TryParse(ReadOnlySpan<char> value, out TargetAddress? address)
    {
        address = null;
        ushort? tag = null;
        int comma = value.LastIndexOf(',');
        if (comma >= 0)
        {
            if (!ushort.TryParse(value[(comma + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort parsed))
                return false;
            tag = parsed;
            value = value[..comma];
        }

        if (!TrySplitHost(value, out ReadOnlySpan<char> host, out ReadOnlySpan<char> portText))
            return false;
        int port = DefaultPort;
        if (!portText.IsEmpty && (!int.TryParse(portText, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port is 0 or > 65535))
            return false;
        address = new TargetAddress(host.ToString(), port, tag);
        return true;
    }

    /// <summary>The value as it is sent: IPv6 in brackets, always with the port.</summary>
    public override string ToString()
    {
        string host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        string tag = PortalGroupTag is ushort value ? $",{value}" : string.Empty;
        return string.Create(CultureInfo.InvariantCulture, $"{host}:{Port}{tag}");
    }

    private static bool TrySplitHost(ReadOnlySpan<char> value, out ReadOnlySpan<char> host, out ReadOnlySpan<char> port)
    {
        host = default;
        port = default;
        int colon;
        if (value.StartsWith('['))
        {
            int close = value.IndexOf(']');
            if (close < 0 || !IPAddress.TryParse(value[1..close], out IPAddress? parsed) || parsed.AddressFamily != AddressFamily.InterNetworkV6)
                return false;
            host = value[1..close];
            value = value[(close + 1)..];
            colon = value.IsEmpty ? -1 : 0;
            if (colon == 0 && value[0] != ':')
                return false;
        }
        else
        {
            colon = value.IndexOf(':');
            host = colon < 0 ? value : value[..colon];
            if (host.IsEmpty || host.ContainsAny(' ', ']', '['))
                return false;
        }

        if (colon < 0)
            return true;
        port = value[(colon + 1)..];
        return !port.IsEmpty;
    }
}
