namespace TgtModular.Tgt.Tools.TargetsConf;

/// <summary>A name and a value of the file.</summary>
internal sealed record ConfigSetting(string Name, string Value, ConfigPlace Place);

/// <summary>An account of the file.</summary>
internal sealed record ConfigAccount(string User, string Password, ConfigPlace Place);

/// <summary>What targets.conf asks for.</summary>
internal sealed class TargetsConfiguration
{
    /// <summary>Driver of the targets that name none; null where the file says nothing.</summary>
    public string? DefaultDriver { get; set; }

    /// <summary>Whether to go on after an error.</summary>
    public bool IgnoreErrors { get; set; }

    /// <summary>Control port of the daemon; null where the file says nothing.</summary>
    public ConfigSetting? ControlPort { get; set; }

    /// <summary>Settings of the daemon's iSNS client, the switch last.</summary>
    public List<ConfigSetting> NameService { get; } = [];

    /// <summary>Who may discover; null for anyone.</summary>
    public ConfigAccount? IncomingDiscovery { get; set; }

    /// <summary>As whom the daemon answers discovery.</summary>
    public ConfigAccount? OutgoingDiscovery { get; set; }

    /// <summary>The targets in the order of their names, as tgt goes through them.</summary>
    public SortedDictionary<string, TargetEntry> Targets { get; } = new(StringComparer.Ordinal);
}

/// <summary>One target of the file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Place">Where its first block begins.</param>
internal sealed record TargetEntry(string Name, ConfigPlace Place)
{
    /// <summary>Its driver; null for the default.</summary>
    public string? Driver { get; set; }

    /// <summary>The number it asks for.</summary>
    public int? TargetId { get; set; }

    /// <summary>Where it asks for that.</summary>
    public ConfigPlace TargetIdPlace { get; set; }

    /// <summary>Session keys and other parameters.</summary>
    public List<ConfigSetting> Parameters { get; } = [];

    /// <summary>State, set when everything else is.</summary>
    public ConfigSetting? State { get; set; }

    /// <summary>Its logical units: backing stores, then direct stores.</summary>
    public List<StoreEntry> Stores { get; } = [];

    public List<ConfigSetting> InitiatorAddresses { get; } = [];

    public List<ConfigSetting> InitiatorNames { get; } = [];

    public List<ConfigAccount> IncomingAccounts { get; } = [];

    public ConfigAccount? OutgoingAccount { get; set; }
}

/// <summary>One logical unit of the file.</summary>
/// <param name="Path">File, device or image.</param>
/// <param name="IsDirect">Whether it shows the identity of the device behind it.</param>
/// <param name="Place">Where it stands.</param>
internal sealed record StoreEntry(string Path, bool IsDirect, ConfigPlace Place)
{
    private const string NoStorePrefix = "NONE:";

    /// <summary>The number it asks for.</summary>
    public ulong? Lun { get; set; }

    public string? DeviceType { get; set; }

    public string? StoreType { get; set; }

    public string? StoreOptions { get; set; }

    public string? StoreFlags { get; set; }

    public string? BlockSize { get; set; }

    /// <summary>Null for the daemon's default, which is on.</summary>
    public bool? WriteCache { get; set; }

    public bool AllowInUse { get; set; }

    /// <summary>What is set once the unit is there, in the order of the file.</summary>
    public List<ConfigSetting> Parameters { get; } = [];

    /// <summary>A drive without a medium: <c>NONE:n</c>, the number only telling several apart.</summary>
    public bool HasNoStore => Path.StartsWith(NoStorePrefix, StringComparison.Ordinal);
}
