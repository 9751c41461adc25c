namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>SCSI Data-Out (RFC 7143 section 11.7).</summary>
/// <remarks>
/// <code>
///    0|.|.| 0x05      |F| Reserved                                    |
///    4|TotalAHSLength | DataSegmentLength                             |
///    8| LUN or Reserved (8 bytes)                                     |
///   16| Initiator Task Tag                                            |
///   20| Target Transfer Tag or 0xffffffff                             |
///   24| Reserved                                                      |
///   28| ExpStatSN                                                     |
///   32| Reserved                                                      |
///   36| DataSN                                                        |
///   40| Buffer Offset                                                 |
///   44| Reserved                                                      |
/// </code>
/// </remarks>
public readonly ref struct DataOutHeader
{
    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public DataOutHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>F: last PDU of the sequence (of unsolicited data, or of the R2T's answer).</summary>
    public bool IsFinal => (_bhs[1] & 0x80) != 0;

    /// <summary>LUN; valid with a Target Transfer Tag.</summary>
    public ulong Lun => BhsField.ReadUInt64(_bhs, 8);

    /// <summary>Initiator Task Tag of the command.</summary>
    public uint InitiatorTaskTag => BhsField.ReadUInt32(_bhs, 16);

    /// <summary>Tag of the R2T answered; <see cref="BasicHeader.ReservedTag"/> for unsolicited data.</summary>
    public uint TargetTransferTag => BhsField.ReadUInt32(_bhs, 20);

    /// <summary>Whether no R2T asked for this data.</summary>
    public bool IsUnsolicited => TargetTransferTag == BasicHeader.ReservedTag;

    /// <summary>ExpStatSN.</summary>
    public uint ExpStatSN => BhsField.ReadUInt32(_bhs, 28);

    /// <summary>Number of this PDU within its sequence, from 0.</summary>
    public uint DataSN => BhsField.ReadUInt32(_bhs, 36);

    /// <summary>Offset of the data in the command's output buffer, in bytes.</summary>
    public uint BufferOffset => BhsField.ReadUInt32(_bhs, 40);
}

/// <summary>Writes SCSI Data-Out headers.</summary>
public static class DataOutWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="isFinal">F bit.</param>
    /// <param name="lun">0 for unsolicited data.</param>
    /// <param name="initiatorTaskTag">Of the command.</param>
    /// <param name="targetTransferTag">Of the R2T, or <see cref="BasicHeader.ReservedTag"/>.</param>
    /// <param name="expStatSN">ExpStatSN.</param>
    /// <param name="dataSN">From 0 in each sequence.</param>
    /// <param name="bufferOffset">In bytes.</param>
    /// <param name="dataSegmentLength">In bytes.</param>
    public static void Write(
        Span<byte> bhs,
        bool isFinal,
        ulong lun,
        uint initiatorTaskTag,
        uint targetTransferTag,
        uint expStatSN,
        uint dataSN,
        uint bufferOffset,
        int dataSegmentLength)
    {
        bhs = BhsField.Begin(bhs, Opcode.DataOut, immediate: false, isFinal ? (byte)0x80 : (byte)0, initiatorTaskTag, dataSegmentLength);
        BhsField.WriteUInt64(bhs, 8, lun);
        BhsField.WriteUInt32(bhs, 20, targetTransferTag);
        BhsField.WriteUInt32(bhs, 28, expStatSN);
        BhsField.WriteUInt32(bhs, 36, dataSN);
        BhsField.WriteUInt32(bhs, 40, bufferOffset);
    }
}
