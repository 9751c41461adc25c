namespace TgtModular.Iscsi.Protocol.Negotiation;

/// <summary>Values of SessionType (RFC 7143 section 13.21).</summary>
public enum SessionType
{
    /// <summary>A session for SCSI commands.</summary>
    Normal,

    /// <summary>A session for SendTargets only.</summary>
    Discovery,
}

/// <summary>What was agreed for a session (keys of scope SW).</summary>
public sealed record SessionParameters
{
    /// <summary>Normal or discovery.</summary>
    public required SessionType SessionType { get; init; }

    /// <summary>Connections in the session.</summary>
    public required int MaxConnections { get; init; }

    /// <summary>False if unsolicited Data-Out PDUs are allowed.</summary>
    public required bool InitialR2T { get; init; }

    /// <summary>Whether data may come with the command.</summary>
    public required bool ImmediateData { get; init; }

    /// <summary>Longest data sequence in bytes.</summary>
    public required int MaxBurstLength { get; init; }

    /// <summary>Unsolicited data of one command in bytes; never above <see cref="MaxBurstLength"/>.</summary>
    public required int FirstBurstLength { get; init; }

    /// <summary>Seconds to wait before reconnecting.</summary>
    public required int DefaultTime2Wait { get; init; }

    /// <summary>Seconds, after Time2Wait, in which tasks are kept.</summary>
    public required int DefaultTime2Retain { get; init; }

    /// <summary>R2Ts under way for one command.</summary>
    public required int MaxOutstandingR2T { get; init; }

    /// <summary>Whether the data PDUs of a sequence come in order.</summary>
    public required bool DataPduInOrder { get; init; }

    /// <summary>Whether the sequences come in order.</summary>
    public required bool DataSequenceInOrder { get; init; }

    /// <summary>0, 1 or 2.</summary>
    public required int ErrorRecoveryLevel { get; init; }

    /// <summary>How task management answers are ordered with other responses.</summary>
    public required TaskReporting TaskReporting { get; init; }

    /// <summary>1 for RFC 7143, 2 for RFC 7144.</summary>
    public required int ProtocolLevel { get; init; }

    /// <summary>Whether the session goes over to iSER (RFC 7145).</summary>
    public required bool RdmaExtensions { get; init; }

    /// <summary>iSER: unexpected control PDUs the peer can hold; 0 for no limit.</summary>
    public required uint PeerMaxOutstandingUnexpectedPdus { get; init; }

    /// <summary>iSER: longest Additional Header Segments the peer accepts, in bytes; 0 for no limit.</summary>
    public required uint PeerMaxAhsLength { get; init; }

    /// <summary>iSER: the initiator wants a Hello exchange.</summary>
    public required bool IserHelloRequired { get; init; }

    /// <summary>InitiatorAlias, or TargetAlias at the initiator; null if the peer sent none.</summary>
    public required string? PeerAlias { get; init; }

    /// <summary>TargetPortalGroupTag as the initiator received it.</summary>
    public required int? TargetPortalGroupTag { get; init; }
}

/// <summary>What was agreed for a connection (keys of scope CO).</summary>
public sealed record ConnectionParameters
{
    /// <summary>CRC32C over headers.</summary>
    public required bool HeaderDigest { get; init; }

    /// <summary>CRC32C over data segments.</summary>
    public required bool DataDigest { get; init; }

    /// <summary>Longest data segment this side accepts, in bytes.</summary>
    public required int MaxRecvDataSegmentLength { get; init; }

    /// <summary>Longest data segment the peer accepts, in bytes.</summary>
    public required int MaxSendDataSegmentLength { get; init; }

    /// <summary>iSER: longest data segment of a control PDU to the target, in bytes.</summary>
    public required int TargetRecvDataSegmentLength { get; init; }

    /// <summary>iSER: longest data segment of a control PDU to the initiator, in bytes.</summary>
    public required int InitiatorRecvDataSegmentLength { get; init; }
}
