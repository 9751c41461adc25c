using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;

namespace TgtModular.LoadGenerator.Initiator;

/// <summary>A logical unit as libiscsi's tools write it: <c>iscsi://host[:port]/target-name/lun</c>.</summary>
public sealed record TargetAddress(IPEndPoint Portal, string TargetName, int Lun)
{
    private const string Scheme = "iscsi://";
    private const int DefaultPort = 3260;
    private const int MaxSingleLevelLun = 0x3fff;

    /// <summary>The eight LUN bytes: peripheral addressing below 256, flat space above (SAM-5 section 4.7.5).</summary>
    public ulong LunField => Lun < 256 ? (ulong)Lun << 48 : (0x4000UL | (uint)Lun) << 48;

    public static bool TryParse(string text, [NotNullWhen(true)] out TargetAddress? address)
    {
        address = null;
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return false;
        string[] parts = text[Scheme.Length..].Split('/');
        if (parts.Length != 3 || parts[1].Length == 0
            || !int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out int lun) || lun > MaxSingleLevelLun
            || !IPEndPoint.TryParse(parts[0], out IPEndPoint? portal))
            return false;
        if (portal.Port == 0)
            portal.Port = DefaultPort;
        address = new TargetAddress(portal, parts[1], lun);
        return true;
    }

    public override string ToString() => $"{Scheme}{Portal}/{TargetName}/{Lun}";
}
