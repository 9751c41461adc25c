using TgtModular.Iscsi.Channels;
using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Output;
using TgtModular.Iscsi.Tasks;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>
/// The one reader of a connection: receives, treats everything that is whole as one batch, lets the pump send the batch's answers, receives again.
/// </summary>
internal sealed class ReceiveLoop(IByteChannel channel, ReceiveBuffer buffer, BodyReceiver body, PduDispatcher dispatcher, OutputPump pump, TaskTable? tasks)
{
    /// <summary>Control PDUs that may wait to be sent before reading stops.</summary>
    private const int MaxControls = 64;

    /// <summary>After a long data segment another one is likely: so few bytes are received that most of it is received in place.</summary>
    private const int ShortReceive = 2048;

    private const int LongSegment = 16384;

    private volatile bool _stopping;
    private volatile bool _active;
    private volatile bool _heldUp;
    private bool _expectLong;

    /// <summary>True while nothing is read because the initiator does not take the answers.</summary>
    public bool IsHeldUp => _heldUp;

    /// <summary>True when anything has come since the last call. For the one who watches for silence.</summary>
    public bool TakeActivity()
    {
        bool active = _active;
        _active = false;
        return active;
    }

    /// <summary>Nothing more is read; the loop ends after the PDU it is at. Any thread.</summary>
    public void Stop() => _stopping = true;

    /// <summary>Runs until the peer closes or <see cref="Stop"/> is called.</summary>
    /// <exception cref="ConnectionException">The initiator broke the protocol.</exception>
    public async Task RunAsync()
    {
        while (true)
        {
            TreatBatch();
            if (_stopping) return;
            if (pump.ControlsUnderWay > MaxControls)
            {
                _heldUp = true;
                await pump.WhenDoneAsync();
                _heldUp = false;
            }

            int received;
            if (buffer.Length == 0 && body.TryGetDirect(out Memory<byte> direct))
            {
                received = await channel.ReceiveAsync(direct);
                body.AddDirect(direct.Span[..received]);
                _expectLong = true;
            }
            else
            {
                received = await channel.ReceiveAsync(Room());
                buffer.Add(received);
            }

            if (received == 0) throw new ConnectionException(EndReason.PeerClosed, "the initiator closed the connection");
            _active = true;
        }
    }

    private Memory<byte> Room()
    {
        Memory<byte> room = buffer.GetRoom(Math.Min(buffer.Capacity - buffer.Length, LongSegment));
        if (!_expectLong || room.Length <= ShortReceive || buffer.Length > 0) return room;
        _expectLong = false;
        return room[..ShortReceive];
    }

    private void TreatBatch()
    {
        bool owns = pump.TryBeginBatch();
        try
        {
            tasks?.TakeRetired();
            while (!_stopping && dispatcher.TryNext())
            {
            }
        }
        finally
        {
            if (owns) pump.EndBatch();
        }
    }
}
