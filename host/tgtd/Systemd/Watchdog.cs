using System.Globalization;

namespace TgtModular.Daemon.Systemd;

/// <summary>
/// Answers the service manager's watchdog while the daemon's own work gets done: each sign of life follows a look at the engine on a pool thread.
/// </summary>
internal sealed class Watchdog : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Task _beating;

    private Watchdog(ServiceNotifier notifier, TimeSpan interval, Action probe, TimeProvider clock) => _beating = BeatAsync(notifier, interval, probe, clock);

    /// <summary>Starts when the manager asks for it (<c>WATCHDOG_USEC</c>, for this process by <c>WATCHDOG_PID</c>).</summary>
    public static Watchdog? Start(ServiceNotifier notifier, Action probe, TimeProvider clock)
    {
        string? microseconds = Environment.GetEnvironmentVariable("WATCHDOG_USEC");
        string? process = Environment.GetEnvironmentVariable("WATCHDOG_PID");
        if (!long.TryParse(microseconds, NumberStyles.None, CultureInfo.InvariantCulture, out long limit) || limit <= 0) return null;
        if (process is { Length: > 0 } && process != Environment.ProcessId.ToString(CultureInfo.InvariantCulture)) return null;
        return new Watchdog(notifier, TimeSpan.FromMicroseconds(Math.Max(limit / 2, 1000)), probe, clock);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _beating;
        _end.Dispose();
    }

    private async Task BeatAsync(ServiceNotifier notifier, TimeSpan interval, Action probe, TimeProvider clock)
    {
        using var timer = new PeriodicTimer(interval, clock);
        try
        {
            do
            {
                await Task.Run(probe);
                notifier.Watchdog();
            }
            while (await timer.WaitForNextTickAsync(_end.Token));
        }
        catch (OperationCanceledException)
        {
            // The daemon ends.
        }
    }
}
