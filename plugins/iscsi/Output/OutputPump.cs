using System.Diagnostics;
using TgtModular.Iscsi.Channels;

namespace TgtModular.Iscsi.Output;

/// <summary>
/// The one writer of a connection. Any thread adds items; whoever finds the pump at rest wakes it, and the receive loop holds it back during a batch so
/// that all answers of the batch leave in one send.
/// </summary>
/// <remarks>
/// At rest and running are the two values of <c>_busy</c>; the thread that set it to 1 owns the writer, the batch and the channel's send side.
/// </remarks>
internal sealed class OutputPump : IThreadPoolWorkItem
{
    private readonly OutboundQueue _queue = new();
    private readonly IByteChannel _channel;
    private readonly SendBuffer _buffer;
    private readonly PduWriter _writer;
    private readonly Action<Exception> _failed;
    private readonly TimeProvider _clock;
    private Outbound? _unfinished; // written in part
    private Outbound? _batchFirst; // written whole, their send not yet done
    private Outbound? _batchLast;
    private int _busy;
    private bool _dead;
    private int _controls;
    private long _sendBegan; // 0 while no send waits

    /// <summary>A pump at rest.</summary>
    /// <param name="channel">Where the bytes go.</param>
    /// <param name="buffer">Its buffer.</param>
    /// <param name="writer">Writes into the buffer.</param>
    /// <param name="clock">Measures stalled sends.</param>
    /// <param name="failed">Told once when a send fails; afterwards items are only taken back.</param>
    public OutputPump(IByteChannel channel, SendBuffer buffer, PduWriter writer, TimeProvider clock, Action<Exception> failed)
    {
        _channel = channel;
        _buffer = buffer;
        _writer = writer;
        _clock = clock;
        _failed = failed;
    }

    /// <summary>Control PDUs that are queued or being sent: the receive loop stops reading when the initiator does not take them.</summary>
    public int ControlsUnderWay => Volatile.Read(ref _controls);

    /// <summary>How long the present send has been waiting for the initiator to read; zero when none waits.</summary>
    public TimeSpan SendStalledFor => Volatile.Read(ref _sendBegan) is > 0 and long began ? _clock.GetElapsedTime(began) : TimeSpan.Zero;

    /// <summary>Adds an item. Never blocks.</summary>
    public void Add(Outbound item)
    {
        _queue.Add(item);
#pragma warning disable TGT0002 // Once for each batch of answers: the item is this object, allocates nothing, and contains its own faults.
        if (TryOwn()) ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
#pragma warning restore TGT0002
    }

    /// <summary>Adds a control PDU and counts it.</summary>
    public void AddControl(ControlPdu pdu)
    {
        Interlocked.Increment(ref _controls);
        Add(pdu);
    }

    /// <summary>A control PDU was sent.</summary>
    public void ControlSent() => Interlocked.Decrement(ref _controls);

    /// <summary>Holds the pump back until <see cref="EndBatch"/>.</summary>
    /// <returns>False when it is running: then it takes what is added by itself.</returns>
    public bool TryBeginBatch() => TryOwn();

    /// <summary>Lets the pump go: everything added meanwhile is sent now, on this thread as long as the channel takes it.</summary>
    public void EndBatch() => _ = RunAsync();

    /// <summary>Completes when everything added before was sent or taken back.</summary>
    public Task WhenDoneAsync()
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(new Marker(done));
        return done.Task;
    }

    void IThreadPoolWorkItem.Execute() => EndBatch();

    private bool TryOwn() => Volatile.Read(ref _busy) == 0 && Interlocked.CompareExchange(ref _busy, 1, 0) == 0;

    private async Task RunAsync()
    {
        do
        {
            while (true)
            {
                try
                {
                    if (!FillBatch()) break;
                    if (!_dead && !_buffer.IsEmpty) await SendAsync();
                }
#pragma warning disable CA1031 // A failed send, and any fault while writing, ends this connection and nothing else.
                catch (Exception failure)
#pragma warning restore CA1031
                {
                    Die(failure);
                }

                ReturnBatch();
            }

            Interlocked.Exchange(ref _busy, 0);
        }
        while (!_queue.IsEmpty && TryOwn()); // something was added before the pump was seen at rest
    }

    private ValueTask SendAsync()
    {
        _buffer.Seal();
        ValueTask send = _channel.SendAsync(_buffer.List);
        return send.IsCompletedSuccessfully ? send : SendSlowlyAsync(send);
    }

    private async ValueTask SendSlowlyAsync(ValueTask send)
    {
        Volatile.Write(ref _sendBegan, Math.Max(1, _clock.GetTimestamp()));
        try
        {
            await send;
        }
        finally
        {
            Volatile.Write(ref _sendBegan, 0);
        }
    }

    /// <summary>Takes items and writes them until the buffer is full; false when there is nothing to do.</summary>
    private bool FillBatch()
    {
        Debug.Assert(_batchFirst is null, "the last batch was returned");
        while (true)
        {
            Outbound? item = _unfinished ?? _queue.TryTake();
            _unfinished = null;
            if (item is null) return _batchFirst is not null;
            if (!_dead)
            {
                _unfinished = item; // if writing throws, it is still taken back
                if (!item.TryWrite(_writer)) return true;
                _unfinished = null;
            }

            if (_batchLast is null) _batchFirst = item;
            else _batchLast.Next = item;
            _batchLast = item;
        }
    }

    private void ReturnBatch()
    {
        _buffer.Clear();
        Outbound? item = _batchFirst;
        _batchFirst = _batchLast = null;
        while (item is not null)
        {
            Outbound? next = item.Next;
            item.Next = null;
            TakeBack(item);
            item = next;
        }
    }

    private void TakeBack(Outbound item)
    {
        try
        {
            item.Sent();
        }
#pragma warning disable CA1031 // A fault while one item is returned must not keep the others from it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Die(failure);
        }
    }

    private void Die(Exception failure)
    {
        if (_dead) return;
        _dead = true;
        _failed(failure);
    }

    /// <summary>Marks a place in the queue.</summary>
    private sealed class Marker(TaskCompletionSource done) : Outbound
    {
        public override bool TryWrite(PduWriter writer) => true;

        public override void Sent() => done.TrySetResult();
    }
}
