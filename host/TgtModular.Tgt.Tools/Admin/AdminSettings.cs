namespace TgtModular.Tgt.Tools.Admin;

/// <summary>What a command line of tgt-admin wants.</summary>
internal enum AdminAction
{
    None,
    Execute,
    Delete,
    Offline,
    Ready,
    Update,
    Show,
    Dump,
    Help,
}

/// <summary>A command line of tgt-admin.</summary>
internal sealed record AdminSettings
{
    public const string DefaultConfiguration = "/etc/tgt/targets.conf";

    public AdminAction Action { get; set; }

    /// <summary>Which target, for the actions that have one: ALL, <c>tid=N</c>, a name, or help.</summary>
    public string Selected { get; set; } = "";

    /// <summary>The control port as typed; null for the file's or 0.</summary>
    public string? ControlPort { get; set; }

    public string ConfigurationPath { get; set; } = DefaultConfiguration;

    public bool IgnoreErrors { get; set; }

    public bool Force { get; set; }

    public bool Pretend { get; set; }

    public bool Verbose { get; set; }
}
