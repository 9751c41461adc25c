namespace TgtModular.Tgt.Tools.TargetsConf;

/// <summary>The names of targets.conf.</summary>
internal static class ConfigKeys
{
    public const string Target = "target";
    public const string BackingStore = "backing-store";
    public const string DirectStore = "direct-store";
    public const string ModePage = "mode_page";
    public const string Parameters = "params";
    public const string BlockSize = "block-size";
    public const string AllowInUse = "allow-in-use";
    public const string NameServiceSwitch = "iSNS";

    public static IReadOnlyList<string> Global { get; } =
    [
        "default-driver", "ignore-errors", "control-port", "incomingdiscoveryuser", "outgoingdiscoveryuser",
        "iSNSServerIP", "iSNSServerPort", "iSNSAccessControl", NameServiceSwitch, "include", Target,
    ];

    /// <summary>What tgtadm takes as the name of a target's parameter.</summary>
    public static IReadOnlyList<string> TargetParameters { get; } =
    [
        "MaxRecvDataSegmentLength", "MaxXmitDataSegmentLength", "HeaderDigest", "DataDigest", "InitialR2T", "MaxOutstandingR2T", "ImmediateData",
        "FirstBurstLength", "MaxBurstLength", "DataPDUInOrder", "DataSequenceInOrder", "ErrorRecoveryLevel", "IFMarker", "OFMarker", "DefaultTime2Wait",
        "DefaultTime2Retain", "OFMarkInt", "IFMarkInt", "MaxConnections", "RDMAExtensions", "TargetRecvDataSegmentLength",
        "InitiatorRecvDataSegmentLength", "MaxOutstandingUnexpectedPDUs", "MaxQueueCmd", "RedirectAddress", "RedirectPort", "RedirectReason",
        "RedirectCallback", "nop_interval", "nop_count",
    ];

    public static IReadOnlyList<string> TargetOptions { get; } =
        ["driver", "controller_tid", "initiator-address", "initiator-name", "incominguser", "outgoinguser", "state", BackingStore, DirectStore];

    /// <summary>What tgtadm takes as the name of a logical unit's parameter.</summary>
    public static IReadOnlyList<string> StoreParameters { get; } =
    [
        "scsi_id", "scsi_sn", "vendor_id", "product_id", "product_rev", "sense_format", "removable", "online", "path", "readonly", ModePage,
        "lbppbe", "la_lba", "optimal_xfer_gran", "optimal_xfer_len", "thin_provisioning", "rotation_rate",
    ];

    public static IReadOnlyList<string> StoreOptions { get; } =
        ["lun", "device-type", "bs-type", "bsopts", "bsoflags", BlockSize, "write-cache", AllowInUse, Parameters];

    /// <summary>Whether more than one may be given: both are set one after the other.</summary>
    public static bool MayRepeat(string name) => name is ModePage or Parameters;

    /// <summary>Says that a name means nothing here, with the nearest one that does.</summary>
    public static string Unknown(string name, params IEnumerable<string>[] known)
    {
        const int far = 3;
        string? nearest = known.SelectMany(names => names).MinBy(candidate => Distance(name, candidate));
        return nearest != null && Distance(name, nearest) < far
            ? $"'{name}' means nothing here and is passed over (did you mean '{nearest}'?)"
            : $"'{name}' means nothing here and is passed over";
    }

    /// <summary>Letters to change, add or leave out, without regard to case.</summary>
    private static int Distance(string first, string second)
    {
        int[] row = [.. Enumerable.Range(0, second.Length + 1)];
        for (int i = 1; i <= first.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= second.Length; j++)
            {
                int change = diagonal + (char.ToLowerInvariant(first[i - 1]) == char.ToLowerInvariant(second[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(change, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
