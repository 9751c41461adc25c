namespace TgtModular.Iscsi.Tasks;

/// <summary>What is wrong with a Data-Out PDU. Each ends the connection: at ErrorRecoveryLevel 0 nothing can be asked for again.</summary>
internal enum DataOutViolation
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It belongs to a burst or command that is over; its data is thrown away.</summary>
    Stale,

    /// <summary>Unsolicited data that may not, or not any more, be sent (RFC 7143 section 11.7.2).</summary>
    NotExpected,

    /// <summary>The Target Transfer Tag was never given out.</summary>
    UnknownTransferTag,

    /// <summary>Buffer Offset is not the next byte, or lies outside what was granted.</summary>
    Offset,

    /// <summary>More data than was granted.</summary>
    TooLong,

    /// <summary>The F bit came before the burst was complete, or did not come with its last byte.</summary>
    FinalBit,
}
