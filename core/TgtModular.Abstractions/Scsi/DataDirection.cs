namespace TgtModular.Scsi;

/// <summary>Which buffers a command uses.</summary>
[Flags]
public enum DataDirection : byte
{
    /// <summary>No data.</summary>
    None = 0,

    /// <summary>Data-In: from the device server to the initiator.</summary>
    In = 1,

    /// <summary>Data-Out: from the initiator to the device server.</summary>
    Out = 2,

    /// <summary>Both; the two buffers are independent of each other.</summary>
    Bidirectional = In | Out,
}
