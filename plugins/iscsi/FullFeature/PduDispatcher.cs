using System.Buffers.Binary;
using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Protocol.Framing;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>
/// Cuts the received bytes into PDUs, puts numbered ones into the order of their CmdSN (RFC 7143 section 4.2.2.1) and hands each to the handler of its
/// opcode. Owned by the receive loop.
/// </summary>
internal sealed class PduDispatcher
{
    /// <summary>Longest sum of additional headers taken: an extended CDB of 260 bytes and a bidirectional read length, with room to spare.</summary>
    public const int MaxAhsLength = 512;

    private readonly FullFeatureContext _context;
    private readonly ReceiveBuffer _buffer;
    private readonly BodyReceiver _body;
    private readonly Rejector _rejector;
    private readonly FramingLimits _limits;
    private readonly PduHandler?[] _handlers = new PduHandler?[64];

    public PduDispatcher(FullFeatureContext context, ReceiveBuffer buffer, BodyReceiver body, Rejector rejector)
    {
        _context = context;
        _buffer = buffer;
        _body = body;
        _rejector = rejector;
        _limits = new FramingLimits(context.Parameters.ReceiveLimit, MaxAhsLength, context.Parameters.HeaderDigest, context.Parameters.DataDigest);
    }

    /// <summary>PDUs that are ahead of others.</summary>
    public ParkedPdus Parked { get; } = new();

    /// <summary>Called after a PDU that may have moved ExpCmdSN on; null while nobody waits for that.</summary>
    public Action? WhenAdvanced { get; set; }

    /// <summary>The layout of the PDU being treated.</summary>
    public PduLayout Layout { get; private set; }

    /// <summary>Sets who treats an opcode; the others are rejected.</summary>
    public void Handle(Opcode opcode, PduHandler handler) => _handlers[(int)opcode] = handler;

    /// <summary>Treats the next thing that is whole.</summary>
    /// <returns>False when more bytes must come first.</returns>
    /// <exception cref="ConnectionException">The connection must end.</exception>
    public bool TryNext()
    {
        bool treated = TryTreatNext();
        if (treated) WhenAdvanced?.Invoke();
        return treated;
    }

    private bool TryTreatNext()
    {
        if (_body.IsActive) return _body.TryContinue(_buffer);
        if (Parked.Count > 0 && TryParked()) return true;
        if (PduFramer.TryReadHeader(_buffer.Bytes, _limits, out PduHeaderFrame frame, out FramingOutcome outcome)) return TryTreat(frame);
        if (outcome.Error != FramingError.None) throw Broken(outcome.Error);
        return false;
    }

    private static ConnectionException Broken(FramingError error) => error == FramingError.HeaderDigestMismatch
        ? new ConnectionException(EndReason.HeaderDigest, "a header digest is wrong")
        : new ConnectionException(EndReason.PduTooLong, $"{error}");

    private static bool IsNumbered(Opcode opcode) =>
        opcode is Opcode.NopOut or Opcode.ScsiCommand or Opcode.TaskManagementRequest or Opcode.TextRequest or Opcode.LogoutRequest;

    private bool TryTreat(in PduHeaderFrame frame)
    {
        Layout = frame.Layout;
        Opcode opcode = frame.Basic.Opcode;
        PduHandler? handler = _handlers[(int)opcode];
        CommandPosition position = CommandPosition.Next;
        if (IsNumbered(opcode) && !frame.Basic.IsImmediate) position = _context.Window.Locate(CmdSN(frame.Bhs));
        bool streams = opcode == Opcode.DataOut || (opcode == Opcode.ScsiCommand && !_limits.DataDigest);
        if (position == CommandPosition.Outside || handler is null || (streams && position == CommandPosition.Next))
        {
            TreatHeader(frame, position, handler);
            return true;
        }

        return TryTreatWhole(frame, position, handler);
    }

    /// <summary>A PDU that does not wait for its data segment: it is received where it belongs, or thrown away.</summary>
    private void TreatHeader(in PduHeaderFrame frame, CommandPosition position, PduHandler? handler)
    {
        // The views stay valid: nothing is received before the handler is done.
        Span<byte> bhs = stackalloc byte[BasicHeader.Length];
        frame.Bhs.CopyTo(bhs);
        int bodyLength = frame.Layout.BodyLength;
        int headerLength = frame.Layout.HeaderLength;
        int dataLength = frame.Layout.DataSegmentLength;
        bool whole = _limits.DataDigest ? dataLength == 0 : _buffer.Length >= headerLength + bodyLength;
        if (position != CommandPosition.Next || handler is null)
        {
            _buffer.Consume(headerLength);
            _body.Begin(Layout, default, null);
            if (position == CommandPosition.Next) Refuse(bhs);
            return;
        }

        if (IsNumbered(frame.Basic.Opcode) && !frame.Basic.IsImmediate) _context.Window.Take();
        if (whole)
        {
            IncomingPdu pdu = new(bhs, frame.Ahs, dataLength, _buffer.Slice(headerLength, dataLength));
            handler(pdu);
            _buffer.Consume(headerLength + bodyLength);
        }
        else
        {
            IncomingPdu pdu = new(bhs, frame.Ahs, dataLength, default);
            handler(pdu);
            _buffer.Consume(headerLength);
            if (!_body.IsActive) _body.Begin(Layout, default, null);
        }
    }

    private void Refuse(ReadOnlySpan<byte> bhs)
    {
        bool numbered = IsNumbered(new BasicHeader(bhs).Opcode) && !new BasicHeader(bhs).IsImmediate;
        if (numbered) _context.Window.Take();
        _rejector.Reject(bhs, RejectReason.CommandNotSupported, numbered);
    }

    private bool TryTreatWhole(in PduHeaderFrame frame, CommandPosition position, PduHandler handler)
    {
        PduLayout layout = frame.Layout;
        if (layout.TotalLength > _buffer.Capacity)
        {
            // Rare: a ping or a digest over much immediate data. The length is bounded by what we declared.
            _buffer.Resize(layout.TotalLength);
            return false;
        }

        if (!PduFramer.TryRead(_buffer.Bytes, _limits, out PduFrame whole, out FramingOutcome outcome))
        {
            if (outcome.Error != FramingError.DataDigestMismatch) return false;
            _rejector.Reject(whole.Bhs, RejectReason.DataDigestError, tookCmdSN: false); // discarded, its CmdSN too (RFC 7143 section 7.8)
            _buffer.Consume(layout.TotalLength);
            return true;
        }

        if (position == CommandPosition.Ahead)
        {
            int plainLength = BasicHeader.Length + layout.AhsLength + layout.DataSegmentLength;
            byte[] copy = new byte[plainLength];
            whole.Bhs.CopyTo(copy);
            whole.Ahs.CopyTo(copy.AsSpan(BasicHeader.Length));
            whole.Data.CopyTo(copy.AsSpan(BasicHeader.Length + layout.AhsLength));
            Parked.Park(CmdSN(whole.Bhs), copy);
        }
        else
        {
            if (IsNumbered(whole.Basic.Opcode) && !whole.Basic.IsImmediate) _context.Window.Take();
            IncomingPdu pdu = new(whole.Bhs, whole.Ahs, layout.DataSegmentLength, _buffer.Slice(layout.HeaderLength, layout.DataSegmentLength));
            handler(pdu);
        }

        _buffer.Consume(layout.TotalLength);
        return true;
    }

    private bool TryParked()
    {
        if (!Parked.TryTake(_context.Window.ExpCmdSN, out byte[]? bytes)) return false;
        _context.Window.Take();
        if (bytes is null)
        {
            _context.Window.Open(); // plugged: nothing will answer it
            return true;
        }

        BasicHeader header = new(bytes);
        int dataOffset = BasicHeader.Length + header.TotalAhsLengthBytes;
        Layout = PduLayout.Create(header.TotalAhsLengthWords, header.DataSegmentLength, headerDigest: false, dataDigest: false);
        IncomingPdu pdu = new(
            bytes.AsSpan(0, BasicHeader.Length), bytes.AsSpan(BasicHeader.Length..dataOffset), header.DataSegmentLength, bytes.AsMemory(dataOffset));
        _handlers[(int)header.Opcode]!(pdu);
        return true;
    }

    private static uint CmdSN(ReadOnlySpan<byte> bhs) => BinaryPrimitives.ReadUInt32BigEndian(bhs[24..]);
}
