using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace TgtModular.Iscsi.Channels.Epoll;

/// <summary>
/// One thread that waits for its connections and runs what follows from their events. Whatever runs here holds up the other connections of the loop:
/// what may block goes to the worker pool instead.
/// </summary>
/// <remarks>
/// A plugin may break its promise not to block. So a connection's turn is numbered, and when it is still the same at two looks (<see cref="Tick"/>), another thread takes the loop over
/// where it stands: the number is the right to it, and the thread that comes back too late to a number that has moved on ends. Its connection is left alone until then.
/// </remarks>
internal sealed class EventLoop : IDisposable
{
    private const int MaximumEvents = 64;
    private const ulong WakeUpKey = 0;
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(5);

    private readonly SafeFileHandle _epoll;
    private readonly SafeFileHandle _wakeUp;
    private readonly long _busyPoll; // in ticks of Stopwatch
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<ulong, EpollChannel> _channels = new();
    private readonly ConcurrentQueue<EpollChannel> _posted = new();
    private readonly ConcurrentQueue<EpollChannel> _runnable = new(); // the loop's own; but a thread that is about to lose it may still add to it
    private readonly EventList _events = new(MaximumEvents);
    private readonly string _name;
    private readonly Lock _takingOver = new();
    private readonly HashSet<EpollChannel> _held = []; // by threads that have lost the loop
    private volatile int _heldCount;
    private volatile Thread _thread;
    private EpollChannel? _turnOf;
    private long _turn; // odd during a connection's turn
    private long _turnSeen;
    private int _eventCount;
    private int _nextEvent;
    private ulong _lastKey;
    private int _signalled;
    private bool _spins;
    private volatile bool _stopping;

    /// <summary>Starts the thread.</summary>
    /// <exception cref="IOException">The kernel has no descriptors left.</exception>
    public EventLoop(int number, TimeSpan busyPoll, ILogger logger)
    {
        // With one processor nobody could send what is looked for.
        _busyPoll = Environment.ProcessorCount == 1 ? 0 : (long)(busyPoll.TotalSeconds * Stopwatch.Frequency);
        _logger = logger;
        _epoll = EpollNative.Create(EpollNative.CloseOnExec);
        if (_epoll.IsInvalid) throw EpollNative.Failed("epoll_create1");
        _wakeUp = EpollNative.CreateEvent(0, EpollNative.CloseOnExec | EpollNative.NonBlocking);
        if (_wakeUp.IsInvalid) throw EpollNative.Failed("eventfd");
        Watch(_wakeUp, EpollNative.In, WakeUpKey);
        _name = string.Create(CultureInfo.InvariantCulture, $"iscsi loop {number}");
        StartThread();
    }

    /// <summary>Connections it has.</summary>
    public int ChannelCount => _channels.Count;

    /// <summary>True on the loop's own thread.</summary>
    public bool IsCurrent => Thread.CurrentThread == _thread;

    /// <summary>Waits for the channel's events from now on.</summary>
    /// <returns>The key by which to take it out again.</returns>
    public ulong Attach(EpollChannel channel, SafeSocketHandle socket)
    {
        ulong key = Interlocked.Increment(ref _lastKey);
        _channels[key] = channel;
        try
        {
            Watch(socket, EpollNative.In | EpollNative.Out | EpollNative.PeerShut | EpollNative.EdgeTriggered, key);
            return key;
        }
        catch
        {
            _channels.TryRemove(key, out _);
            throw;
        }
    }

    /// <summary>Forgets a channel whose socket is closed: the kernel has forgotten it then.</summary>
    public void Detach(ulong key) => _channels.TryRemove(key, out _);

    /// <summary>Runs the channel's turn on the loop's thread, soon. Any thread.</summary>
    public void Post(EpollChannel channel)
    {
        if (IsCurrent)
        {
            _runnable.Enqueue(channel);
            return;
        }

        _posted.Enqueue(channel);
        if (Interlocked.Exchange(ref _signalled, 1) == 0) WakeUp();
    }

    /// <summary>Looks whether a connection holds the loop up, and has it go on without that one. By one thread at a time, once in a second or so.</summary>
    public void Tick()
    {
        long turn = Volatile.Read(ref _turn);
        bool isHeldUp = (turn & 1) != 0 && turn == _turnSeen;
        _turnSeen = turn;
        if (!isHeldUp) return;
        lock (_takingOver)
        {
            // Read after the number: if the loop has gone on since, the exchange fails.
            if (_stopping || Volatile.Read(ref _turnOf) is not { } channel || !_held.Add(channel)) return;
            if (Interlocked.CompareExchange(ref _turn, turn + 1, turn) != turn)
            {
                _held.Remove(channel);
                return;
            }

            _heldCount = _held.Count;
            Log.LoopTakenOver(_logger, _name, channel.RemoteEndPoint?.ToString() ?? "-");
            StartThread();
        }
    }

    /// <summary>Ends the thread; its connections have ended before.</summary>
    public void Dispose()
    {
        lock (_takingOver) _stopping = true;
        WakeUp();
        // One in the midst of a call that does not return is left behind, and ends with the process.
        if (!IsCurrent) _ = _thread.Join(LongestEnd); // else it ends when the caller returns to it
    }

    [MemberNotNull(nameof(_thread))]
    private void StartThread()
    {
#pragma warning disable TGT0002 // It waits in epoll_wait for as long as the transport lives, and is joined at its end: no item for a pool.
        Thread thread = new(Run) { IsBackground = true, Name = _name };
#pragma warning restore TGT0002
        _thread = thread; // before its first turn asks whether it is the one
        thread.UnsafeStart();
    }

    private unsafe void WakeUp()
    {
        ulong one = 1;
        try
        {
            _ = EpollNative.Write(_wakeUp, &one, sizeof(ulong));
        }
        catch (ObjectDisposedException)
        {
            // The loop has ended, and with it whatever could wait for a turn.
        }
    }

    private unsafe void Watch(SafeHandle handle, uint events, ulong key)
    {
        EventList wanted = new(1);
        wanted.Set(0, events, key);
        bool held = false;
        try
        {
            handle.DangerousAddRef(ref held);
            int result = EpollNative.Control(_epoll, EpollNative.Add, (int)handle.DangerousGetHandle(), wanted.Pointer);
            if (result < 0) throw EpollNative.Failed("epoll_ctl");
        }
        finally
        {
            if (held) handle.DangerousRelease();
        }
    }

    private void Run()
    {
        do
        {
            // Not from 0: another thread may have left some behind.
            while (_nextEvent < _eventCount)
            {
                int i = _nextEvent++;
                ulong key = _events.KeyOf(i);
                if (key == WakeUpKey) TakeWakeUp();
                else if (_channels.TryGetValue(key, out EpollChannel? channel) && !TakeTurn(channel, _events.EventsOf(i))) return;
            }

            // Only those that are there now: what they add has its turn after new events were looked for.
            for (int i = _runnable.Count; i > 0 && _runnable.TryDequeue(out EpollChannel? channel); i--)
            {
                if (!TakeTurn(channel, 0)) return;
            }

            _eventCount = Wait();
            _nextEvent = 0;
        }
        while (!_stopping);

        _wakeUp.Dispose();
        _epoll.Dispose();
    }

    private int Wait()
    {
        if (!_runnable.IsEmpty) return WaitFor(0);
        if (_busyPoll == 0) return WaitFor(Timeout.Infinite);
        long began = Stopwatch.GetTimestamp();
        while (_spins && !_stopping)
        {
            int count = WaitFor(0);
            if (count > 0) return count;
            if (Stopwatch.GetTimestamp() - began > _busyPoll) break;
        }

        int found = WaitFor(Timeout.Infinite);
        _spins = Stopwatch.GetTimestamp() - began < _busyPoll; // it pays only where the next event comes soon
        return found;
    }

    private unsafe int WaitFor(int milliseconds)
    {
        int count = EpollNative.Wait(_epoll, _events.Pointer, _events.Capacity, milliseconds);
        return Math.Max(0, count); // interrupted by a signal: as if nothing had happened
    }

    private unsafe void TakeWakeUp()
    {
        ulong value;
        _ = EpollNative.Read(_wakeUp, &value, sizeof(ulong));
        Interlocked.Exchange(ref _signalled, 0); // with its fence: who still finds 1 has put his channel where the next line sees it
        while (_posted.TryDequeue(out EpollChannel? channel)) _runnable.Enqueue(channel);
    }

    /// <summary>Runs the channel's turn.</summary>
    /// <returns>False when it took so long that the loop has gone on without this thread.</returns>
    private bool TakeTurn(EpollChannel channel, uint events)
    {
        if (_heldCount != 0 && IsHeld(channel, events)) return true;
        long turn = _turn + 1;
        Volatile.Write(ref _turnOf, channel);
        Volatile.Write(ref _turn, turn);
        try
        {
            channel.Run(events);
        }
#pragma warning disable CA1031 // One connection's fault must not end the loop of the others; the connection guards itself.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Log.ConnectionFault(_logger, channel.RemoteEndPoint?.ToString() ?? "-", fault);
            channel.Abort();
        }

        if (Interlocked.CompareExchange(ref _turn, turn + 1, turn) == turn) return true;
        GiveBack(channel);
        return false;
    }

    /// <summary>A channel's turns come one after the other: what happens during one that does not end waits for its end.</summary>
    private bool IsHeld(EpollChannel channel, uint events)
    {
        lock (_takingOver)
        {
            if (!_held.Contains(channel)) return false;
            channel.Note(events);
            return true;
        }
    }

    private void GiveBack(EpollChannel channel)
    {
        lock (_takingOver)
        {
            _held.Remove(channel);
            _heldCount = _held.Count;
        }

        Log.LoopGivenBack(_logger, _name, channel.RemoteEndPoint?.ToString() ?? "-");
        Post(channel);
    }
}
