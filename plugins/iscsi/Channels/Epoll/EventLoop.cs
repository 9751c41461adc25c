using System.Collections.Concurrent;
using System.Diagnostics;
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
internal sealed class EventLoop : IDisposable
{
    private const int MaximumEvents = 64;
    private const ulong WakeUpKey = 0;

    private readonly SafeFileHandle _epoll;
    private readonly SafeFileHandle _wakeUp;
    private readonly long _busyPoll; // in ticks of Stopwatch
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<ulong, EpollChannel> _channels = new();
    private readonly ConcurrentQueue<EpollChannel> _posted = new();
    private readonly Queue<EpollChannel> _runnable = new();
    private readonly EventList _events = new(MaximumEvents);
    private readonly Thread _thread;
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
#pragma warning disable TGT0002 // It waits in epoll_wait for as long as the transport lives, and is joined at its end: no item for a pool.
        _thread = new Thread(Run) { IsBackground = true, Name = string.Create(CultureInfo.InvariantCulture, $"iscsi loop {number}") };
#pragma warning restore TGT0002
        _thread.UnsafeStart();
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

    /// <summary>Ends the thread; its connections have ended before.</summary>
    public void Dispose()
    {
        _stopping = true;
        WakeUp();
        if (!IsCurrent) _thread.Join(); // else it ends when the caller returns to it
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
        while (!_stopping)
        {
            int count = Wait();
            for (int i = 0; i < count; i++)
            {
                ulong key = _events.KeyOf(i);
                if (key == WakeUpKey) TakeWakeUp();
                else if (_channels.TryGetValue(key, out EpollChannel? channel)) Guarded(channel, _events.EventsOf(i));
            }

            // Only those that are there now: what they add has its turn after new events were looked for.
            for (int i = _runnable.Count; i > 0; i--) Guarded(_runnable.Dequeue(), 0);
        }

        _wakeUp.Dispose();
        _epoll.Dispose();
    }

    private int Wait()
    {
        if (_runnable.Count > 0) return WaitFor(0);
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

    private void Guarded(EpollChannel channel, uint events)
    {
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
    }
}
