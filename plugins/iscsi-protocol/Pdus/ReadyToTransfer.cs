namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>Ready To Transfer, R2T (RFC 7143 section 11.8).</summary>
/// <remarks>
/// <code>
///    0|.|.| 0x31      |1| Reserved                                    |
///    4|TotalAHSLength | DataSegmentLength (0)                         |
///    8| LUN (8 bytes)                                                 |
///   16| Initiator Task Tag                                            |
///   20| Target Transfer Tag                                           |
///   24| StatSN (next; not consumed)                                   |
///   28| ExpCmdSN                                                      |
///   32| MaxCmdSN                                                      |
///   36| R2TSN                                                         |
///   40| Buffer Offset                                                 |
///   44| Desired Data Transfer Length                                  |
/// </code>
/// </remarks>
public readonly ref struct ReadyToTransferHeader
{
    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public ReadyToTransferHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>LUN of the command.</summary>
    public ulong Lun => BhsField.ReadUInt64(_bhs, 8);

    /// <summary>Initiator Task Tag of the command.</summary>
    public uint InitiatorTaskTag => BhsField.ReadUInt32(_bhs, 16);

    /// <summary>Tag that the Data-Out PDUs carry back.</summary>
    public uint TargetTransferTag => BhsField.ReadUInt32(_bhs, 20);

    /// <summary>StatSN (not advanced by this PDU), ExpCmdSN, MaxCmdSN.</summary>
    public TargetSequence Sequence => BhsField.ReadTargetSequence(_bhs);

    /// <summary>Number of this R2T within the command, from 0.</summary>
    public uint R2TSN => BhsField.ReadUInt32(_bhs, 36);

    /// <summary>Offset of the wanted data in the output buffer, in bytes.</summary>
    public uint BufferOffset => BhsField.ReadUInt32(_bhs, 40);

    /// <summary>In bytes; at least 1 and at most MaxBurstLength.</summary>
    public uint DesiredDataTransferLength => BhsField.ReadUInt32(_bhs, 44);
}

/// <summary>Writes R2T headers.</summary>
public static class ReadyToTransferWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="lun">Of the command.</param>
    /// <param name="initiatorTaskTag">Of the command.</param>
    /// <param name="targetTransferTag">Any value but <see cref="BasicHeader.ReservedTag"/>.</param>
    /// <param name="sequence">StatSN is the next one, not advanced.</param>
    /// <param name="r2tSN">From 0 in each command.</param>
    /// <param name="bufferOffset">In bytes.</param>
    /// <param name="desiredDataTransferLength">In bytes.</param>
    public static void Write(
        Span<byte> bhs,
        ulong lun,
        uint initiatorTaskTag,
        uint targetTransferTag,
        in TargetSequence sequence,
        uint r2tSN,
        uint bufferOffset,
        uint desiredDataTransferLength)
    {
        bhs = BhsField.Begin(bhs, Opcode.ReadyToTransfer, immediate: false, 0x80, initiatorTaskTag);
        BhsField.WriteUInt64(bhs, 8, lun);
        BhsField.WriteUInt32(bhs, 20, targetTransferTag);
        BhsField.WriteTargetSequence(bhs, sequence);
        BhsField.WriteUInt32(bhs, 36, r2tSN);
        BhsField.WriteUInt32(bhs, 40, bufferOffset);
        BhsField.WriteUInt32(bhs, 44, desiredDataTransferLength);
    }
}
