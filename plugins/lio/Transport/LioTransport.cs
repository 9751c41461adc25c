using System.Threading.Channels;
using TgtModular.Devices;
using TgtModular.Lio.Configfs;
using TgtModular.Lio.Fabrics;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Lio.Transport;

/// <summary>
/// Units through fabrics of LIO. It comes up whatever the machine lacks, says what that is, and tries again: targets and the kernel change while it runs,
/// and every change leads to a pass that compares the two.
/// </summary>
public sealed class LioTransport : ITransport, ITransportObserver, ITransportConditionSource, ISessionDirectory, IReconfigurable
{
    private readonly LioServices _services;
    private readonly Pass _pass;
    private readonly Channel<TaskCompletionSource?> _requests =
        Channel.CreateUnbounded<TaskCompletionSource?>(new UnboundedChannelOptions { SingleReader = true });

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _working = new(1, 1);
    private Task _loop = Task.CompletedTask;
    private ITimer? _timer;
    private DateTimeOffset _started;
    private bool _stopped;
    private volatile LioStatus _status;
    private string? _told;

    /// <summary>A transport; it does nothing before it is started.</summary>
    public LioTransport(FabricFamily family, LioKernel kernel, TransportCreateContext context)
    {
        ArgumentNullException.ThrowIfNull(family);
        _services = new LioServices(family, kernel, context);
        _pass = new Pass(_services, Request);
        _status = new LioStatus(family, [], null, Pending: false);
    }

    /// <inheritdoc/>
    public IReadOnlyList<PortalDescription> Portals =>
        [.. _status.Ports.Where(port => port.IsUp).Select(port => new PortalDescription($"{port.Row.Directory} {port.Name}", 1))];

    /// <inheritdoc/>
    public TransportCondition Condition => _status.Condition;

    /// <inheritdoc/>
    public async ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _started = _services.Clock.GetUtcNow();
#pragma warning disable TGT0002 // A loop for as long as the transport lives, which DisposeAsync awaits; its first step may touch configfs, and a start does not wait for that.
        _loop = Task.Run(LoopAsync, CancellationToken.None);
#pragma warning restore TGT0002
        TimeSpan interval = _services.Settings.RetryInterval;
        _timer = _services.Clock.CreateTimer(_ => Retry(), null, interval, interval);
        await PassedAsync().WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        await StopAsync(_services.Settings.KeepOnStop).WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask ReconfigureAsync(OptionValues options, CancellationToken cancellationToken)
    {
        _services.Settings = LioSettings.From(options);
        _ = _timer?.Change(_services.Settings.RetryInterval, _services.Settings.RetryInterval);
        await PassedAsync().WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void TargetChanged(ITransportTarget target, bool removed) => Request();

    /// <inheritdoc/>
    public void GeometryChanged(ITransportTarget target, Lun lun, UnitGeometry geometry) => Request();

    /// <inheritdoc/>
    public IReadOnlyList<SessionDescription> GetSessions() =>
        [.. _status.Ports.SelectMany(port => port.Sessions.Select(session => Describe(port, session)))];

    /// <inheritdoc/>
    public bool Close(ulong sessionId, uint? connectionId)
    {
        if (connectionId is not null and not 0) return false;
        _working.Wait(_stop.Token);
        try
        {
            if (!_pass.Restart(sessionId)) return false;
        }
        finally
        {
            _ = _working.Release();
        }

        Request();
        return true;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        if (_timer is not null) await _timer.DisposeAsync();
        _ = _requests.Writer.TryComplete();
        await _loop;
        await _pass.DisposeAsync();
        await _services.Kernel.Rings.DisposeAsync();
        _working.Dispose();
        _stop.Dispose();
    }

    /// <summary>Asks for a pass and completes when it, and all asked for before, are over.</summary>
    internal Task PassedAsync()
    {
        TaskCompletionSource passed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!_requests.Writer.TryWrite(passed)) passed.SetResult();
        return passed.Task;
    }

    private void Request() => _ = _requests.Writer.TryWrite(null);

    private void Retry()
    {
        LioStatus status = _status;
        if (status.Pending || status.Problems.Count > 0) Request();
    }

    private async Task LoopAsync()
    {
        List<TaskCompletionSource> waiting = [];
        while (await _requests.Reader.WaitToReadAsync())
        {
            while (_requests.Reader.TryRead(out TaskCompletionSource? asked))
            {
                if (asked is not null) waiting.Add(asked);
            }

            await RunAsync();
            foreach (TaskCompletionSource done in waiting) done.SetResult();
            waiting.Clear();
        }
    }

    private async Task RunAsync()
    {
        await _working.WaitAsync();
        try
        {
            if (_stopped) return;
            _status = await _pass.RunAsync(_services.Clock.GetUtcNow() - _started >= _services.Settings.LeftoverTimeout, _stop.Token);
            Tell(_status.Condition.Problem);
        }
        catch (OperationCanceledException)
        {
            // The end: nobody looks at the status any more.
        }
#pragma warning disable CA1031 // One bad pass must not end all that would come after it.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            Log.PassFailed(_services.Logger, fault);
            _status = _status with { Problem = fault.Message, Pending = true };
        }
        finally
        {
            _ = _working.Release();
        }
    }

    private async Task StopAsync(bool keep)
    {
        await _working.WaitAsync();
        try
        {
            if (_stopped) return;
            _stopped = true;
            _status = await _pass.StopAsync(keep);
            if (_status.Condition.Problem is { } problem) Log.Problem(_services.Logger, problem);
        }
        finally
        {
            _ = _working.Release();
        }
    }

    /// <summary>A problem is logged when it comes, when it changes and when it goes, not at every try.</summary>
    private void Tell(string? problem)
    {
        if (problem == _told) return;
        _told = problem;
        if (problem is null) Log.NoProblem(_services.Logger);
        else Log.Problem(_services.Logger, problem);
    }

    private SessionDescription Describe(PortStatus port, NexusStatus session)
    {
        PortTree tree = new(_services.Tree, port.Row, _services.Report);
        long commands = 0, read = 0, written = 0;
        foreach ((PortExport place, _) in session.Exports)
        {
            if (tree.ReadCounters(port.Name, place) is not { } counters) continue;
            commands += counters.Commands;
            read += counters.ReadMebibytes << 20;
            written += counters.WrittenMebibytes << 20;
        }

        ConnectionDescription connection = new(0, session.Initiator, session.State) { Traffic = new ConnectionTraffic(written, read, commands) };
        Dictionary<string, string> parameters = new(StringComparer.Ordinal) { ["fabric"] = port.Row.Directory };
        foreach ((PortExport place, Reservations reservations) in session.Exports)
            parameters[$"lun {place.MappedLun}"] = $"{place.Backend}, reservations: {reservations}".ToLowerInvariant();
        return new SessionDescription(session.Id, port.Target, session.Initiator, null, [connection], parameters);
    }
}
