using System.Diagnostics.CodeAnalysis;

namespace TgtModular.Iscsi.Protocol.Negotiation;

/// <summary>Values of HeaderDigest and DataDigest (RFC 7143 section 13.1).</summary>
public enum DigestAlgorithm
{
    /// <summary>No digest.</summary>
    None,

    /// <summary>CRC32C.</summary>
    Crc32C,
}

/// <summary>Values of TaskReporting (RFC 7143 section 13.23).</summary>
public enum TaskReporting
{
    /// <summary>RFC3720.</summary>
    Rfc3720,

    /// <summary>ResponseFence.</summary>
    ResponseFence,

    /// <summary>FastAbort.</summary>
    FastAbort,
}

/// <summary>What one side proposes, or grants at most, in a negotiation. Lists are in order of preference, best first.</summary>
public sealed record NegotiationPolicy
{
    /// <summary>Header digests this side can use; without None, a digest is insisted upon.</summary>
    public IReadOnlyList<DigestAlgorithm> HeaderDigests { get; init; } = [DigestAlgorithm.None, DigestAlgorithm.Crc32C];

    /// <summary>Data digests this side can use; without None, a digest is insisted upon.</summary>
    public IReadOnlyList<DigestAlgorithm> DataDigests { get; init; } = [DigestAlgorithm.None, DigestAlgorithm.Crc32C];

    /// <summary>Connections in a session.</summary>
    public int MaxConnections { get; init; } = 1;

    /// <summary>False if unsolicited Data-Out PDUs are allowed.</summary>
    public bool InitialR2T { get; init; }

    /// <summary>Whether data may come with the command.</summary>
    public bool ImmediateData { get; init; } = true;

    /// <summary>Longest data segment this side accepts, in bytes.</summary>
    public int MaxRecvDataSegmentLength { get; init; } = 262144;

    /// <summary>Longest Data-In sequence or solicited Data-Out sequence, in bytes.</summary>
    public int MaxBurstLength { get; init; } = 1048576;

    /// <summary>Unsolicited data of one command, in bytes, immediate data included.</summary>
    public int FirstBurstLength { get; init; } = 262144;

    /// <summary>Seconds to wait before reconnecting.</summary>
    public int DefaultTime2Wait { get; init; } = 2;

    /// <summary>Seconds, after Time2Wait, in which tasks are kept.</summary>
    public int DefaultTime2Retain { get; init; } = 20;

    /// <summary>R2Ts under way for one command.</summary>
    public int MaxOutstandingR2T { get; init; } = 1;

    /// <summary>Whether the data PDUs of a sequence must come in order.</summary>
    public bool DataPduInOrder { get; init; } = true;

    /// <summary>Whether the sequences must come in order.</summary>
    public bool DataSequenceInOrder { get; init; } = true;

    /// <summary>0, 1 or 2.</summary>
    public int ErrorRecoveryLevel { get; init; }

    /// <summary>Ways of task reporting this side can use.</summary>
    public IReadOnlyList<TaskReporting> TaskReporting { get; init; } = [Negotiation.TaskReporting.Rfc3720];

    /// <summary>iSCSIProtocolLevel: 1 for RFC 7143, 2 for RFC 7144.</summary>
    public int ProtocolLevel { get; init; } = 1;

    /// <summary>Whether this side speaks iSER (RFC 7145).</summary>
    public bool RdmaExtensions { get; init; }

    /// <summary>iSER: longest data segment the target accepts in a control PDU, in bytes.</summary>
    public int TargetRecvDataSegmentLength { get; init; } = 8192;

    /// <summary>iSER: longest data segment the initiator accepts in a control PDU, in bytes.</summary>
    public int InitiatorRecvDataSegmentLength { get; init; } = 8192;

    /// <summary>iSER: unexpected control PDUs this side can hold; 0 for no limit.</summary>
    public uint MaxOutstandingUnexpectedPdus { get; init; }

    /// <summary>iSER: longest Additional Header Segments this side accepts, in bytes; 0 for no limit.</summary>
    public uint MaxAhsLength { get; init; } = 256;

    /// <summary>Checks all values against the table's ranges.</summary>
    /// <param name="error">What is wrong.</param>
    public bool TryValidate([NotNullWhen(false)] out string? error)
    {
        error = null;
        foreach (KeyDefinition row in KeyTable.All)
        {
            if (row.Kind is KeyKind.List && GetChoices(row.Id) is { Count: 0 })
                error ??= $"{row.Name} must allow at least one value";
            bool isNumber = row.Kind is KeyKind.NumberMinimum or KeyKind.NumberMaximum or KeyKind.DeclaredNumber;
            if (isNumber && TryGetNumber(row.Id, out long value) && !row.Admits((ulong)value))
                error ??= $"{row.Name} must be {row.Minimum} to {row.Maximum}, not {value}";
        }

        if (FirstBurstLength > MaxBurstLength)
            error ??= "FirstBurstLength must not exceed MaxBurstLength";
        return error is null;
    }

    /// <summary>This side's number or boolean of a key that has one.</summary>
    internal bool TryGetNumber(KeyId id, out long value)
    {
        long? found = id switch
        {
            KeyId.MaxConnections => MaxConnections,
            KeyId.InitialR2T => InitialR2T ? 1 : 0,
            KeyId.ImmediateData => ImmediateData ? 1 : 0,
            KeyId.MaxRecvDataSegmentLength => MaxRecvDataSegmentLength,
            KeyId.MaxBurstLength => MaxBurstLength,
            KeyId.FirstBurstLength => FirstBurstLength,
            KeyId.DefaultTime2Wait => DefaultTime2Wait,
            KeyId.DefaultTime2Retain => DefaultTime2Retain,
            KeyId.MaxOutstandingR2T => MaxOutstandingR2T,
            KeyId.DataPduInOrder => DataPduInOrder ? 1 : 0,
            KeyId.DataSequenceInOrder => DataSequenceInOrder ? 1 : 0,
            KeyId.ErrorRecoveryLevel => ErrorRecoveryLevel,
            KeyId.ProtocolLevel => ProtocolLevel,
            KeyId.RdmaExtensions => RdmaExtensions ? 1 : 0,
            KeyId.TargetRecvDataSegmentLength => TargetRecvDataSegmentLength,
            KeyId.InitiatorRecvDataSegmentLength => InitiatorRecvDataSegmentLength,
            KeyId.MaxOutstandingUnexpectedPdus => MaxOutstandingUnexpectedPdus,
            KeyId.MaxAhsLength => MaxAhsLength,
            _ => null,
        };
        value = found ?? 0;
        return found.HasValue;
    }

    /// <summary>This side's choices of a list key, as indices into the row's words, best first.</summary>
    internal IReadOnlyList<int> GetChoices(KeyId id) => id switch
    {
        KeyId.HeaderDigest => [.. HeaderDigests.Select(digest => (int)digest)],
        KeyId.DataDigest => [.. DataDigests.Select(digest => (int)digest)],
        KeyId.TaskReporting => [.. TaskReporting.Select(way => (int)way)],
        _ => [],
    };
}
