namespace TgtModular.Tgt.Protocol;

/// <summary>What a request is about, as it stands on the wire.</summary>
public enum ManagementMode : uint
{
    /// <summary>The daemon.</summary>
    System = 0,

    /// <summary>Targets.</summary>
    Target = 1,

    /// <summary>Logical units.</summary>
    LogicalUnit = 2,

    /// <summary>Portals.</summary>
    Portal = 3,

    /// <summary>Low level drivers: transports.</summary>
    Driver = 4,

    /// <summary>Sessions.</summary>
    Session = 5,

    /// <summary>Connections.</summary>
    Connection = 6,

    /// <summary>Accounts.</summary>
    Account = 7,
}

/// <summary>What a request wants done, as it stands on the wire.</summary>
public enum ManagementOperation : uint
{
    /// <summary>Make.</summary>
    New = 0,

    /// <summary>Remove.</summary>
    Delete = 1,

    /// <summary>Show as text.</summary>
    Show = 2,

    /// <summary>Bind an initiator or account.</summary>
    Bind = 3,

    /// <summary>Take a binding away.</summary>
    Unbind = 4,

    /// <summary>Change parameters.</summary>
    Update = 5,

    /// <summary>Show counters as text.</summary>
    Stat = 6,

    /// <summary>Start a driver.</summary>
    Start = 7,

    /// <summary>Stop a driver.</summary>
    Stop = 8,
}

/// <summary>Type of a logical unit in a request.</summary>
public enum ManagementDeviceType : uint
{
    /// <summary>A disk.</summary>
    Disk = 0x00,

    /// <summary>A tape.</summary>
    Tape = 0x01,

    /// <summary>An optical drive.</summary>
    Optical = 0x05,

    /// <summary>An object store.</summary>
    ObjectStore = 0x11,

    /// <summary>A medium changer.</summary>
    Changer = 0x08,

    /// <summary>A passed-through device.</summary>
    Passthrough = 0xFF,
}
