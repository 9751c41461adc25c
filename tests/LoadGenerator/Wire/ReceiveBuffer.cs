using TgtModular.Iscsi.Protocol.Framing;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.LoadGenerator.Wire;

/// <summary>
/// Bytes from the socket, cut into PDUs. Data-In that nobody looks at is passed over without being gathered: only its header is kept.
/// </summary>
internal sealed unsafe class ReceiveBuffer : IDisposable
{
    /// <summary>With less room than this behind the received bytes, what is left of them moves to the front.</summary>
    private const int MinimumRoom = 64 * 1024;

    private readonly NativeMemoryBlock _memory;
    private readonly byte[] _skippedHeader = new byte[BasicHeader.Length];
    private readonly FramingLimits _limits;
    private readonly bool _skipReadData;
    private int _start;
    private int _end;
    private int _toSkip;
    private int _skippedDataLength;

    /// <param name="limits">Limits and digests in force.</param>
    /// <param name="capacity">In bytes; unless Data-In is skipped, more than the longest PDU.</param>
    /// <param name="skipReadData">Pass over the data of Data-In PDUs.</param>
    public ReceiveBuffer(FramingLimits limits, int capacity, bool skipReadData)
    {
        _limits = limits;
        _skipReadData = skipReadData;
        _memory = new NativeMemoryBlock(capacity);
    }

    /// <summary>Begins with bytes that were received before.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(_memory.Span[_end..]);
        _end += bytes.Length;
    }

    /// <summary>As <see cref="Native.Receive"/>.</summary>
    public int Receive(int socket, bool wait)
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_memory.Length - _end < MinimumRoom)
        {
            _memory.Span[_start.._end].CopyTo(_memory.Span);
            _end -= _start;
            _start = 0;
        }

        int got = Native.Receive(socket, _memory.Address + _end, _memory.Length - _end, wait);
        _end += Math.Max(got, 0);
        return got;
    }

    /// <summary>The next PDU. Of Data-In that is passed over there is the header alone.</summary>
    /// <param name="frame">Views into this buffer, good until the next call.</param>
    /// <param name="skippedLength">Data bytes passed over.</param>
    public bool TryRead(out PduFrame frame, out int skippedLength)
    {
        skippedLength = 0;
        frame = default;
        if (_toSkip > 0)
            return TrySkip(out frame, out skippedLength);
        ReadOnlySpan<byte> bytes = new(_memory.Address + _start, _end - _start);
        FramingOutcome outcome;
        if (_skipReadData && bytes.Length >= BasicHeader.Length && new BasicHeader(bytes).Opcode == Opcode.DataIn && new BasicHeader(bytes).DataSegmentLength > 0)
        {
            if (PduFramer.TryReadHeader(bytes, _limits, out PduHeaderFrame header, out outcome))
            {
                header.Bhs.CopyTo(_skippedHeader);
                _start += outcome.ConsumedBytes;
                _skippedDataLength = header.Layout.DataSegmentLength;
                _toSkip = header.Layout.BodyLength;
                return TrySkip(out frame, out skippedLength);
            }
        }
        else if (PduFramer.TryRead(bytes, _limits, out frame, out outcome))
        {
            _start += outcome.ConsumedBytes;
            return true;
        }

        return outcome.Error == FramingError.None ? false : throw new InitiatorException($"target sent a PDU that cannot be taken: {outcome.Error}");
    }

    public void Dispose() => _memory.Dispose();

    private bool TrySkip(out PduFrame frame, out int skippedLength)
    {
        int step = Math.Min(_toSkip, _end - _start);
        _start += step;
        _toSkip -= step;
        skippedLength = 0;
        frame = default;
        if (_toSkip > 0)
            return false;
        skippedLength = _skippedDataLength;
        _ = PduFramer.TryRead(HeaderAlone(), HeaderLimits, out frame, out _);
        return true;
    }

    private static readonly FramingLimits HeaderLimits = new(0, 0, HeaderDigest: false, DataDigest: false);

    /// <summary>The kept header as a PDU without data.</summary>
    private ReadOnlySpan<byte> HeaderAlone()
    {
        _skippedHeader.AsSpan(4, 4).Clear();
        return _skippedHeader;
    }
}
