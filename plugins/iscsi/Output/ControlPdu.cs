using TgtModular.Buffers;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Output;

/// <summary>How a control PDU counts.</summary>
[Flags]
internal enum ControlEffect
{
    /// <summary>It shows the next StatSN and changes nothing.</summary>
    None = 0,

    /// <summary>It carries a status: takes a StatSN.</summary>
    TakesStatSN = 1,

    /// <summary>It answers a request that took a CmdSN: the window moves on.</summary>
    OpensWindow = 2,
}

/// <summary>Any PDU that is not the outcome of a SCSI command: made for one use, which is rare enough to allocate for.</summary>
/// <param name="pump">Sends it.</param>
/// <param name="effect">How it counts.</param>
/// <param name="data">Its data segment; nobody changes it any more.</param>
internal sealed class ControlPdu(OutputPump pump, ControlEffect effect, byte[]? data = null) : Outbound
{
    private readonly byte[] _header = new byte[BasicHeader.Length];
    private readonly DataSlice _data = data is null ? default : DataBuffer.Wrap(data).Slice();

    /// <summary>The 48 bytes to fill; StatSN, ExpCmdSN and MaxCmdSN are filled in when it is sent.</summary>
    public Span<byte> Header => _header;

    /// <summary>Called when it was sent, or the connection is gone.</summary>
    public Action? WhenSent { get; init; }

    public override bool TryWrite(PduWriter writer)
    {
        if (!writer.HasRoom(segments: 1)) return false;
        if ((effect & ControlEffect.OpensWindow) != 0) writer.Window.Open();
        TargetSequence sequence = (effect & ControlEffect.TakesStatSN) != 0 ? writer.TakeStatus() : writer.Peek();
        Span<byte> header = writer.BeginHeader();
        _header.CopyTo(header);
        PduWriter.Stamp(header, sequence);
        writer.EndHeader(header);
        writer.Append(_data);
        return true;
    }

    public override void Sent()
    {
        pump.ControlSent();
        WhenSent?.Invoke();
    }
}
