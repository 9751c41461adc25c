using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using TgtModular.Iscsi.Protocol.Naming;

namespace TgtModular.Iscsi.Listening;

/// <summary>A portal as configured: address, port and portal group tag.</summary>
/// <param name="EndPoint">Address and port; port 0 lets the system choose.</param>
/// <param name="PortalGroupTag">1 unless another one is given.</param>
internal sealed record PortalAddress(IPEndPoint EndPoint, ushort PortalGroupTag)
{
    /// <summary>True for 0.0.0.0 and ::.</summary>
    public bool IsWildcard => EndPoint.Address.Equals(IPAddress.Any) || EndPoint.Address.Equals(IPAddress.IPv6Any);

    /// <summary>Reads <c>address[:port][,tag]</c>; IPv6 addresses stand in brackets when a port follows.</summary>
    /// <returns>False with what is wrong.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out PortalAddress? portal, out string problem)
    {
        portal = null;
        problem = string.Empty;
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        ushort tag = 1;
        int comma = rest.LastIndexOf(',');
        if (comma >= 0)
        {
            if (!ushort.TryParse(rest[(comma + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out tag))
            {
                problem = "the portal group tag is a number from 0 to 65535";
                return false;
            }

            rest = rest[..comma];
        }

        int port = TargetAddress.DefaultPort;
        if (!TrySplitPort(ref rest, ref port))
        {
            problem = "the port is a number from 0 to 65535";
            return false;
        }

        if (!IPAddress.TryParse(rest, out IPAddress? address))
        {
            problem = "not an IP address with a port (write 10.0.0.1:3260 or [fd00::1]:3260)";
            return false;
        }

        portal = new PortalAddress(new IPEndPoint(address, port), tag);
        return true;
    }

    /// <summary>As written in the configuration.</summary>
    public override string ToString() => PortalGroupTag == 1 ? EndPoint.ToString() : $"{EndPoint},{PortalGroupTag}";

    private static bool TrySplitPort(ref ReadOnlySpan<char> address, ref int port)
    {
        int colon = address.LastIndexOf(':');
        bool bracketed = address.StartsWith('[');
        if (bracketed)
        {
            int close = address.IndexOf(']');
            if (close < 0) return true; // no address either: that is reported
            if (colon < close) colon = -1;
        }
        else if (address.IndexOf(':') != colon)
        {
            colon = -1; // an IPv6 address without brackets has no port
        }

        if (colon >= 0)
        {
            if (!ushort.TryParse(address[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out ushort number)) return false;
            port = number;
            address = address[..colon];
        }

        if (bracketed) address = address[1..^1];
        return true;
    }
}
