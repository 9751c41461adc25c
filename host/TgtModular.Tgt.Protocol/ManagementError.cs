namespace TgtModular.Tgt.Protocol;

/// <summary>How a request ended, as it stands on the wire.</summary>
public enum ManagementError : uint
{
    /// <summary>Done.</summary>
    None = 0,

    /// <summary>Something failed.</summary>
    Unknown = 1,

    /// <summary>No memory.</summary>
    NoMemory = 2,

    /// <summary>No such driver.</summary>
    NoDriver = 3,

    /// <summary>No such target.</summary>
    NoTarget = 4,

    /// <summary>No such logical unit.</summary>
    NoLogicalUnit = 5,

    /// <summary>No such session.</summary>
    NoSession = 6,

    /// <summary>No such connection.</summary>
    NoConnection = 7,

    /// <summary>No such binding.</summary>
    NoBinding = 8,

    /// <summary>There is such a target.</summary>
    TargetExists = 9,

    /// <summary>There is such a logical unit.</summary>
    LogicalUnitExists = 10,

    /// <summary>There is such a binding.</summary>
    BindingExists = 11,

    /// <summary>There is such an access rule.</summary>
    AccessRuleExists = 12,

    /// <summary>No such access rule.</summary>
    NoAccessRule = 13,

    /// <summary>There is such an account.</summary>
    AccountExists = 14,

    /// <summary>No such account.</summary>
    NoAccount = 15,

    /// <summary>Too many accounts.</summary>
    TooManyAccounts = 16,

    /// <summary>The request makes no sense.</summary>
    InvalidRequest = 17,

    /// <summary>The target has an outgoing account.</summary>
    OutgoingAccountExists = 18,

    /// <summary>The target has sessions.</summary>
    TargetActive = 19,

    /// <summary>The logical unit is in use.</summary>
    LogicalUnitActive = 20,

    /// <summary>The driver is in use.</summary>
    DriverActive = 21,

    /// <summary>There is no such operation here.</summary>
    Unsupported = 22,

    /// <summary>No such parameter.</summary>
    UnknownParameter = 23,

    /// <summary>The initiator prevents the removal of the medium.</summary>
    PreventRemoval = 24,
}

/// <summary>Texts of <see cref="ManagementError"/>.</summary>
public static class ManagementErrorText
{
    private static readonly string[] Texts =
    [
        "success",
        "unknown error",
        "out of memory",
        "can't find the driver",
        "can't find the target",
        "can't find the logical unit",
        "can't find the session",
        "can't find the connection",
        "can't find the binding",
        "this target already exists",
        "this logical unit number already exists",
        "this binding already exists",
        "this access control rule already exists",
        "this access control rule does not exist",
        "this account already exists",
        "can't find the account",
        "too many accounts",
        "invalid request",
        "this target already has an outgoing account",
        "this target is still active",
        "this logical unit is still active",
        "this driver is busy",
        "this operation isn't supported",
        "unknown parameter",
        "this device has Prevent Removal set",
    ];

    /// <summary>What tgtadm prints for an error.</summary>
    public static string Message(this ManagementError error) => (uint)error < (uint)Texts.Length ? Texts[(int)error] : "(unknown tgtadm_errno)";
}
