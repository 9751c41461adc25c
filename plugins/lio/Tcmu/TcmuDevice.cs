using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace TgtModular.Lio.Tcmu;

/// <summary>A TCMU device that is being served. Made by <see cref="TcmuEngine.ServeAsync"/>; disposing it leaves the kernel's device alone.</summary>
public sealed class TcmuDevice : IAsyncDisposable, ILoopHandler
{
    private readonly TcmuDeviceRequest _request;
    private readonly SafeFileHandle _descriptor;
    private readonly RingMapping _mapping;
    private readonly RingServer _server;
    private readonly IDoorbell _doorbell;
    private readonly EventLoops _loops;
    private readonly EventLoop _loop;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly TaskCompletionSource<string?> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task? _disposal;
    private ulong _key;

    internal TcmuDevice(TcmuDeviceRequest request, OpenedRing opened, EventLoops loops, TimeProvider clock, ILogger logger)
    {
        _request = request;
        _descriptor = opened.Descriptor;
        _mapping = opened.Mapping;
        _loops = loops;
        _clock = clock;
        _logger = logger;
        _doorbell = opened.Doorbell;
        _loop = loops.Take(request.Nexus);
        RingTarget target = new(request.Name, request.Nexus, request.Lun, logger) { AbortsCommands = request.AbortsCommands };
        _server = new RingServer(_mapping, opened.Ring, _doorbell, target, opened.InOrder) { CommandEnded = _loop.Released };
    }

    /// <summary>Name of the UIO device.</summary>
    public string Name => _request.Name;

    /// <summary>
    /// Completes when serving has ended: with null when the device was stopped or disposed, else with what happened (the kernel removed it; the content of its ring
    /// made no sense, and the device is fenced). Never fails. Dispose the device then as well.
    /// </summary>
    public Task<string?> Ended => _ended.Task;

    /// <summary>Takes no more commands from now on: they stay in the ring for whoever serves the device next. Those under way are answered. Any thread, never blocks.</summary>
    public void Stop()
    {
        _server.Stop();
        _ended.TrySetResult(null);
    }

    /// <summary>Stops, lets commands end, aborts those that do not in time, and gives the kernel's device up.</summary>
    public ValueTask DisposeAsync()
    {
        lock (_gate) _disposal ??= DisposeCoreAsync();
        return new ValueTask(_disposal);
    }

    /// <inheritdoc/>
    ServeResult ILoopHandler.Serve()
    {
        _doorbell.Passed();
        ServeResult result = _server.Serve();
        if (result == ServeResult.Ended && _server.Failure is { } failure) End(failure);
        return result;
    }

    /// <inheritdoc/>
    void ILoopHandler.Lost()
    {
        _server.Abandon();
        End("the kernel removed the device");
    }

    /// <summary>Completes when the device was disposed.</summary>
    internal Task Disposed => _disposed.Task;

    internal async Task StartAsync() => _key = await _loop.AddAsync(_descriptor, this);

    private void End(string failure)
    {
        if (_ended.TrySetResult(failure)) TcmuLog.Fenced(_logger, Name, failure);
    }

    private async Task DisposeCoreAsync()
    {
        Stop();
        if (_key != 0) await _loop.RemoveAsync(_descriptor, _key);
        bool idle = await IsIdleInTimeAsync();
        if (!idle)
        {
            _ = _request.Nexus.ExecuteAsync(new(Scsi.TaskManagementFunction.AbortTaskSet, _request.Lun, Tag: 0)).AsTask();
            idle = await IsIdleInTimeAsync();
        }

        _server.Abandon();
        if (idle) _mapping.Dispose();
        else TcmuLog.Abandoned(_logger, Name, _server.InFlight);
        _descriptor.Dispose();
        _loops.Return(_request.Nexus);
        TcmuLog.Stopped(_logger, Name);
        _disposed.SetResult();
    }

    private async Task<bool> IsIdleInTimeAsync()
    {
        try
        {
            await _server.WaitIdleAsync().WaitAsync(_request.DrainLimit, _clock);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
