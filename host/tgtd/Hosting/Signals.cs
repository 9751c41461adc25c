using System.Runtime.InteropServices;
using System.Threading.Channels;

namespace TgtModular.Daemon.Hosting;

/// <summary>SIGTERM and SIGINT ask for the end, a second one for a quick end; SIGHUP asks to apply the configuration file.</summary>
internal sealed class Signals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _stopNow = new();
    private readonly Channel<bool> _reloads = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly PosixSignalRegistration[] _registrations;

    public Signals() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnStop),
        PosixSignalRegistration.Create(PosixSignal.SIGINT, OnStop),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnReload),
    ];

    /// <summary>Cancelled when the daemon shall end.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>Asks for the end, as SIGTERM does.</summary>
    public void RequestStop() => _stop.Cancel();

    /// <summary>Cancelled when it shall not wait any longer.</summary>
    public CancellationToken StopNow => _stopNow.Token;

    /// <summary>One item for each wish to apply the file; wishes during a wait for the same are one.</summary>
    public IAsyncEnumerable<bool> Reloads => _reloads.Reader.ReadAllAsync(Stop);

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _stop.Dispose();
        _stopNow.Dispose();
    }

    private void OnStop(PosixSignalContext context)
    {
        context.Cancel = true;
        CancellationTokenSource wish = _stop.IsCancellationRequested ? _stopNow : _stop;
        wish.Cancel();
    }

    private void OnReload(PosixSignalContext context)
    {
        context.Cancel = true;
        _ = _reloads.Writer.TryWrite(true);
    }
}
