using System.Globalization;

namespace TgtModular.Tgt.Tools.Tgtadm;

/// <summary>SCSI hosts by the device they hang from, in sysfs.</summary>
internal static class SystemBus
{
    private const string Root = "/sys/bus";
    private const string HostPrefix = "host";

    /// <summary>Finds the host of <c>BUS,DEVICE</c>: the number of the <c>hostN</c> below the device.</summary>
    public static bool TryFindHost(string text, out uint host)
    {
        host = 0;
        string[] parts = text.Split(',', 2);
        if (parts.Length != 2 || !IsName(parts[0]) || !IsName(parts[1])) return false;
        string device = Path.Combine(Root, parts[0], "devices", parts[1]);
        if (!Directory.Exists(device)) return false;
        foreach (string entry in Directory.EnumerateDirectories(device, HostPrefix + "*"))
        {
            if (uint.TryParse(Path.GetFileName(entry).AsSpan(HostPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out host)) return true;
        }

        return false;
    }

    private static bool IsName(string text) => text.Length > 0 && text is not ("." or "..") && !text.Contains('/', StringComparison.Ordinal);
}
