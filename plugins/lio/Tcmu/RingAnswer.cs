namespace TgtModular.Lio.Tcmu;

/// <summary>A response, ready for the ring.</summary>
internal readonly ref struct RingAnswer
{
    /// <summary>The kernel's number of the command.</summary>
    public required ushort Identifier { get; init; }

    /// <summary>SCSI status.</summary>
    public required byte Status { get; init; }

    /// <summary>Sense data; what goes beyond <see cref="RingLayout.SenseLength"/> is cut off.</summary>
    public ReadOnlySpan<byte> Sense { get; init; }

    /// <summary>Bytes that were read when they are fewer than the initiator expects; 0 for nothing to say, which the kernel takes as all.</summary>
    public uint ReadLength { get; init; }
}
