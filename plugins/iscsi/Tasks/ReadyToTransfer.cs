using TgtModular.Iscsi.Output;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Tasks;

/// <summary>
/// One R2T and the burst of Data-Out that answers it. Belongs to a <see cref="DataOutTransfer"/>, whose lock guards it; the pump reads what was set before it
/// was queued.
/// </summary>
internal sealed class ReadyToTransfer : Outbound
{
    private ulong _lun;
    private uint _initiatorTaskTag;
    private uint _r2tSN;
    private volatile bool _written;
    private volatile bool _withPump;

    /// <summary>True from its issue until its burst is complete.</summary>
    public bool IsActive { get; private set; }

    /// <summary>Target Transfer Tag of the burst.</summary>
    public uint Tag { get; private set; }

    /// <summary>Offset of the burst, in bytes.</summary>
    public int Offset { get; private set; }

    /// <summary>Length of the burst, in bytes.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes that came.</summary>
    public int Received { get; set; }

    /// <summary>DataSN of the next Data-Out.</summary>
    public uint NextDataSN { get; set; }

    /// <summary>True when a Data-Out of it is missing: the rest is thrown away until the F bit.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>True when the pump has written it: data that comes before nobody asked for.</summary>
    public bool IsWritten => _written;

    /// <summary>True when neither a burst nor the pump uses it.</summary>
    public bool IsFree => !IsActive && !_withPump;

    /// <summary>Begins a burst.</summary>
    public void Begin(ulong lun, uint initiatorTaskTag, uint tag, uint r2tSN, int offset, int length)
    {
        _lun = lun;
        _initiatorTaskTag = initiatorTaskTag;
        _r2tSN = r2tSN;
        Tag = tag;
        Offset = offset;
        Length = length;
        Received = 0;
        NextDataSN = 0;
        IsActive = true;
        IsDamaged = false;
        _written = false;
        _withPump = true;
    }

    /// <summary>The burst is complete, or its command gone.</summary>
    public void End() => IsActive = false;

    public override bool TryWrite(PduWriter writer)
    {
        if (!writer.HasRoom(segments: 0)) return false;
        Span<byte> header = writer.BeginHeader();
        ReadyToTransferWriter.Write(header, _lun, _initiatorTaskTag, Tag, writer.Peek(), _r2tSN, (uint)Offset, (uint)Length);
        writer.EndHeader(header);
        _written = true;
        return true;
    }

    public override void Sent() => _withPump = false;
}
