namespace TgtModular.Iscsi.FullFeature;

/// <summary>What a login negotiated, as full feature phase needs it (RFC 7143 section 13). Lengths in bytes.</summary>
internal sealed class NegotiatedParameters
{
    /// <summary>HeaderDigest=CRC32C.</summary>
    public bool HeaderDigest { get; init; }

    /// <summary>DataDigest=CRC32C.</summary>
    public bool DataDigest { get; init; }

    /// <summary>MaxRecvDataSegmentLength of the initiator; it may declare another one by text while the session runs.</summary>
    public int SendLimit { get; set; } = 8192;

    /// <summary>MaxRecvDataSegmentLength that we declared.</summary>
    public int ReceiveLimit { get; init; } = 8192;

    /// <summary>MaxBurstLength.</summary>
    public int MaxBurstLength { get; init; } = 262144;

    /// <summary>FirstBurstLength.</summary>
    public int FirstBurstLength { get; init; } = 65536;

    /// <summary>InitialR2T.</summary>
    public bool InitialR2T { get; init; } = true;

    /// <summary>ImmediateData.</summary>
    public bool ImmediateData { get; init; } = true;

    /// <summary>MaxOutstandingR2T.</summary>
    public int MaxOutstandingR2T { get; init; } = 1;

    /// <summary>DefaultTime2Wait, in seconds.</summary>
    public ushort Time2Wait { get; init; } = 2;

    /// <summary>DefaultTime2Retain, in seconds.</summary>
    public ushort Time2Retain { get; init; }

    /// <summary>iSCSIProtocolLevel (RFC 7144): from 2 on the task management functions beyond RFC 7143 may be used.</summary>
    public int ProtocolLevel { get; init; } = 1;
}
