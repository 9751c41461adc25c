namespace TgtModular.Lio.Configfs;

/// <summary>Error numbers of Linux that the configuration tree answers with.</summary>
public enum Errno
{
    /// <summary>EPERM.</summary>
    NotPermitted = 1,

    /// <summary>ENOENT.</summary>
    NoEntry = 2,

    /// <summary>ESRCH: nobody listens to the netlink family of TCMU.</summary>
    NoListener = 3,

    /// <summary>EINTR.</summary>
    Interrupted = 4,

    /// <summary>EACCES.</summary>
    AccessDenied = 13,

    /// <summary>EBUSY.</summary>
    Busy = 16,

    /// <summary>EEXIST.</summary>
    Exists = 17,

    /// <summary>ENODEV.</summary>
    NoDevice = 19,

    /// <summary>EINVAL.</summary>
    Invalid = 22,

    /// <summary>EROFS.</summary>
    ReadOnly = 30,

    /// <summary>ENOSYS.</summary>
    NotImplemented = 38,

    /// <summary>ENOTEMPTY.</summary>
    NotEmpty = 39,

    /// <summary>EADDRINUSE.</summary>
    AddressInUse = 98,
}
