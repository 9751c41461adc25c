namespace TgtModular.Scsi;

/// <summary>Task attributes (SAM-5 section 8.6), numbered as iSCSI's ATTR field (RFC 7143 section 11.3.1).</summary>
public enum TaskAttribute : byte
{
    /// <summary>No attribute was given; treated as simple.</summary>
    Untagged = 0,

    /// <summary>May be reordered among other simple commands.</summary>
    Simple = 1,

    /// <summary>Runs after all older and before all younger commands.</summary>
    Ordered = 2,

    /// <summary>Runs before every command that waits.</summary>
    HeadOfQueue = 3,

    /// <summary>Allowed while an auto contingent allegiance exists.</summary>
    Aca = 4,
}
