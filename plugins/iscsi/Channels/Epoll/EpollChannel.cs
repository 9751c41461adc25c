using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Threading.Tasks.Sources;

namespace TgtModular.Iscsi.Channels.Epoll;

/// <summary>
/// A TCP connection on an <see cref="EventLoop"/>. All receives happen on the loop's thread, and so does what follows them; a send goes out at once on the
/// caller's thread, and what the socket does not take follows on the loop's.
/// </summary>
/// <remarks>
/// Each direction has two flags: the kernel reported it ready (edge-triggered: once), and an operation waits for it. Who sets the second of them has the
/// operation done; so no report is lost between a call that would have blocked and the wait for it.
/// </remarks>
internal sealed class EpollChannel : TcpChannel, IValueTaskSource<int>, IValueTaskSource
{
    private const int ReadReady = 1;
    private const int ReadWaits = 2;
    private const int WriteReady = 4;
    private const int WriteWaits = 8;
    private const int PeerShut = 16; // stays

    /// <summary>Who sends so much at a time has sent more by the time it is treated: it is looked for without waiting to be told.</summary>
    private const int LongReceive = 256;

    /// <summary>So often; then the loop's other connections have their turn.</summary>
    private const int MostWithoutEvent = 4;

    private const uint ReadEvents = EpollNative.In | EndEvents;
    private const uint EndEvents = EpollNative.PeerShut | EpollNative.HangUp | EpollNative.Error;
    private const uint WriteEvents = EpollNative.Out | EpollNative.HangUp | EpollNative.Error;

    private readonly EventLoop _loop;
    private readonly VectoredSend _send;
    private ManualResetValueTaskSourceCore<int> _receiving;
    private ManualResetValueTaskSourceCore<bool> _sending;
    private Memory<byte> _buffer;
    private ulong _key;
    private int _state;
    private int _mayGoOn;

    private EpollChannel(Socket socket, EventLoop loop, int maximumSegments)
        : base(socket)
    {
        _loop = loop;
        _send = new VectoredSend(maximumSegments);
    }

    /// <summary>Takes a connected socket over.</summary>
    public static EpollChannel Open(Socket socket, EventLoop loop, int maximumSegments)
    {
        EpollChannel channel = new(socket, loop, maximumSegments);
        channel._key = loop.Attach(channel, socket.SafeHandle);
        return channel;
    }

    public override ValueTask<int> ReceiveAsync(Memory<byte> buffer)
    {
        _buffer = buffer;
        if (_mayGoOn > 0 && _loop.IsCurrent)
        {
            _mayGoOn--;
            int received = TakeIn();
            if (received >= 0) return new ValueTask<int>(received);
        }

        _receiving.Reset();
        short version = _receiving.Version;
        WaitFor(ReadWaits, ReadReady);
        return new ValueTask<int>(this, version);
    }

    public override ValueTask SendAsync(SendList list)
    {
        bool pending = false;
        try
        {
            _send.Begin(list);
            Clear(WriteReady);
            if (_send.TrySend(Socket.SafeHandle)) return default;
            pending = true;
        }
        finally
        {
            if (!pending) _send.End();
        }

        _sending.Reset();
        short version = _sending.Version;
        WaitFor(WriteWaits, WriteReady);
        return new ValueTask(this, version);
    }

    /// <summary>Its turn on the loop: something happened, or may have.</summary>
    public void Run(uint events)
    {
        int state = Note(events);
        bool ended = IsAborted;
        if ((state & WriteWaits) != 0 && (ended || (state & WriteReady) != 0)) GoOnSending();
        if ((state & ReadWaits) != 0 && (ended || (state & ReadReady) != 0)) Receive();
    }

    /// <summary>Remembers what happened for its next turn, which the caller sees to. Any thread.</summary>
    /// <returns>The state with it.</returns>
    public int Note(uint events)
    {
        int happened = ((events & ReadEvents) != 0 ? ReadReady : 0) | ((events & WriteEvents) != 0 ? WriteReady : 0)
            | ((events & EndEvents) != 0 ? PeerShut : 0);
        return happened == 0 ? Volatile.Read(ref _state) : Interlocked.Or(ref _state, happened) | happened;
    }

    protected override void Aborted()
    {
        _loop.Detach(_key);
        _loop.Post(this);
    }

    int IValueTaskSource<int>.GetResult(short token) => _receiving.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _receiving.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _receiving.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token) => _sending.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _sending.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _sending.OnCompleted(continuation, state, token, flags);

    private void Clear(int flags) => Interlocked.And(ref _state, ~flags);

    /// <summary>From here on the loop does it; asks for a turn where no event will come for it.</summary>
    private void WaitFor(int waits, int ready)
    {
        int before = Interlocked.Or(ref _state, waits);
        if ((before & ready) != 0 || IsAborted) _loop.Post(this);
    }

    private void Receive()
    {
        int received;
        try
        {
            received = TakeIn();
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException)
        {
            Clear(ReadWaits);
            _buffer = default;
            _receiving.SetException(broken);
            return;
        }

        if (received < 0) return; // nothing there; still waits
        _mayGoOn = received >= LongReceive ? MostWithoutEvent : 0;
        Clear(ReadWaits);
        _receiving.SetResult(received);
    }

    /// <summary>Receives into the buffer what is there: bytes, 0 at the end, -1 when there is nothing yet.</summary>
    private int TakeIn()
    {
        Clear(ReadReady); // before the call: what comes after it is reported anew
        int received = ReceiveNow();
        if (received < 0) return received;
        // A full buffer, or the end was reported along with the data: there may be more, of which no event tells.
        if (received == _buffer.Length || (Volatile.Read(ref _state) & PeerShut) != 0) Interlocked.Or(ref _state, ReadReady);
        _buffer = default;
        return received;
    }

    /// <summary>Bytes received, 0 at the end, -1 when there is nothing yet.</summary>
    private unsafe int ReceiveNow()
    {
        fixed (byte* start = _buffer.Span)
        {
            while (true)
            {
                nint received = EpollNative.Receive(Socket.SafeHandle, start, _buffer.Length, EpollNative.DontWait);
                if (received >= 0) return (int)received;
                int error = Marshal.GetLastPInvokeError();
                if (error == LibC.Again) return -1;
                if (error != LibC.Interrupted) throw new IOException(Marshal.GetPInvokeErrorMessage(error));
            }
        }
    }

    private void GoOnSending()
    {
        Clear(WriteReady);
        try
        {
            if (!_send.TrySend(Socket.SafeHandle)) return; // still waits
        }
        catch (Exception broken) when (broken is IOException or ObjectDisposedException)
        {
            Clear(WriteWaits);
            _send.End();
            _sending.SetException(broken);
            return;
        }

        Clear(WriteWaits);
        _send.End();
        _sending.SetResult(true);
    }
}
