using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using TgtModular.Lio.Native;

namespace TgtModular.Lio.Tcmu;

/// <summary>What an <see cref="EventLoop"/> serves; called on the loop's thread only.</summary>
internal interface ILoopHandler
{
    /// <summary>For logs.</summary>
    string Name { get; }

    /// <summary>There may be something to do.</summary>
    ServeResult Serve();

    /// <summary>The kernel has taken the device away.</summary>
    void Lost();
}

/// <summary>A thread that waits for many descriptors at once, and serves those that have something to tell. It sleeps while none has.</summary>
internal sealed unsafe class EventLoop : IDisposable
{
    private const int MostAtOnce = 64;
    private const int AddOperation = 1; // EPOLL_CTL_ADD
    private const int RemoveOperation = 2; // EPOLL_CTL_DEL
    private const uint EdgeTriggered = 0x8000_0001; // EPOLLET | EPOLLIN: said once for each time the device has something new
    private const uint LevelTriggered = 1; // EPOLLIN
    private const uint Failed = 0x18; // EPOLLERR | EPOLLHUP

    private static readonly int HappeningLength = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16; // packed on x86-64 only
    private static readonly int KeyOffset = HappeningLength - sizeof(ulong);

    private readonly ILogger _logger;
    private readonly SafeFileHandle _poll = LibC.Own(LibC.CreatePoll(LibC.CloseOnExec), "epoll_create1");
    private readonly SafeFileHandle _wake = LibC.Own(LibC.CreateEvent(0, LibC.CloseOnExec | LibC.NonBlocking), "eventfd");
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly Dictionary<ulong, ILoopHandler> _handlers = []; // the thread's own
    private readonly Queue<ulong> _again = new(); // the thread's own
    private readonly List<ulong> _stalled = []; // the thread's own
    private readonly Thread _thread;
    private ulong _lastKey;
    private volatile bool _hasStalled;
    private int _woken;
    private volatile bool _ending;

    /// <summary>Starts the thread.</summary>
    public EventLoop(string name, ILogger logger)
    {
        _logger = logger;
        Control(AddOperation, _wake, LevelTriggered, key: 0);
#pragma warning disable TGT0002 // It waits in epoll_wait for as long as the transport lives, and is joined at its end: no item for a pool.
        _thread = new Thread(Run) { IsBackground = true, Name = name };
#pragma warning restore TGT0002
        _thread.UnsafeStart();
    }

    /// <summary>Serves a descriptor from now on, whatever it has told before.</summary>
    /// <returns>Its key for <see cref="RemoveAsync"/>.</returns>
    /// <exception cref="IOException">The descriptor cannot be waited for.</exception>
    public Task<ulong> AddAsync(SafeHandle descriptor, ILoopHandler handler) => InvokeAsync(() =>
    {
        ulong key = ++_lastKey;
        Control(AddOperation, descriptor, EdgeTriggered, key);
        _handlers.Add(key, handler);
        _again.Enqueue(key);
        return key;
    });

    /// <summary>Serves a descriptor no longer. Completes when its handler does not run any more.</summary>
    public Task RemoveAsync(SafeHandle descriptor, ulong key) => InvokeAsync(() =>
    {
        if (_handlers.Remove(key)) Control(RemoveOperation, descriptor, 0, key);
        return true;
    });

    /// <summary>Something has ended that a stalled handler may wait for. Any thread.</summary>
    public void Released()
    {
        if (_hasStalled) Wake();
    }

    /// <summary>Ends the thread, when what it does now is done.</summary>
    public void Dispose()
    {
        _ending = true;
        Wake();
        if (Thread.CurrentThread != _thread) _thread.Join();
        _poll.Dispose();
        _wake.Dispose();
    }

    private Task<T> InvokeAsync<T>(Func<T> action)
    {
        TaskCompletionSource<T> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        _posted.Enqueue(() =>
        {
            try
            {
                done.SetResult(action());
            }
            catch (IOException problem)
            {
                done.SetException(problem);
            }
        });
        Wake();
        return done.Task;
    }

    private void Wake()
    {
        if (Interlocked.Exchange(ref _woken, 1) != 0) return;
        ulong one = 1;
        _ = LibC.Write(_wake, &one, sizeof(ulong));
    }

    private void Run()
    {
        byte* happenings = stackalloc byte[MostAtOnce * HappeningLength];
        while (!_ending)
        {
            int count = LibC.WaitPoll(_poll, happenings, MostAtOnce, _again.Count > 0 ? 0 : -1);
            int again = _again.Count; // before what is new, and not what comes back now
            for (int i = 0; i < count; i++)
            {
                ReadOnlySpan<byte> happening = new(happenings + (i * HappeningLength), HappeningLength);
                ulong key = MemoryMarshal.Read<ulong>(happening[KeyOffset..]);
                if (key == 0) Awake();
                else Serve(key, lost: (MemoryMarshal.Read<uint>(happening) & Failed) != 0);
            }

            for (; again > 0 && _again.TryDequeue(out ulong key); again--) Serve(key, lost: false);
        }
    }

    private void Awake()
    {
        ulong count;
        _ = LibC.Read(_wake, &count, sizeof(ulong));
        Interlocked.Exchange(ref _woken, 0);
        if (_hasStalled)
        {
            _hasStalled = false;
            foreach (ulong key in _stalled) _again.Enqueue(key);
            _stalled.Clear();
        }

        while (_posted.TryDequeue(out Action? action)) action();
    }

    private void Serve(ulong key, bool lost)
    {
        if (!_handlers.TryGetValue(key, out ILoopHandler? handler)) return;
        ServeResult result = ServeResult.Ended;
        try
        {
            if (lost) handler.Lost();
            else if ((result = handler.Serve()) == ServeResult.Stalled) result = ServeStalled(key, handler);
        }
#pragma warning disable CA1031 // One handler's fault is not the others': it is not served any more.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            TcmuLog.LoopFault(_logger, handler.Name, fault);
        }

        if (result == ServeResult.More) _again.Enqueue(key);
        else if (result == ServeResult.Ended) _handlers.Remove(key);
    }

    /// <summary>Remembers the handler, and looks once more: what it waits for may have come before anybody knew that it waits.</summary>
    private ServeResult ServeStalled(ulong key, ILoopHandler handler)
    {
        if (!_stalled.Contains(key)) _stalled.Add(key);
        _hasStalled = true;
        Interlocked.MemoryBarrier();
        return handler.Serve();
    }

    private void Control(int operation, SafeHandle descriptor, uint interest, ulong key)
    {
        byte* happening = stackalloc byte[HappeningLength];
        new Span<byte>(happening, HappeningLength).Clear();
        MemoryMarshal.Write(new Span<byte>(happening + KeyOffset, sizeof(ulong)), key);
        MemoryMarshal.Write(new Span<byte>(happening, sizeof(uint)), interest);
        if (LibC.ControlPoll(_poll, operation, descriptor, happening) < 0)
            throw new IOException($"epoll_ctl: {LibC.Describe(Marshal.GetLastPInvokeError())}");
    }
}
