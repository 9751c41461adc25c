using Microsoft.Extensions.Logging;
using TgtModular.Transports;

namespace TgtModular.Lio.Tcmu;

/// <summary>
/// Serves TCMU devices: the kernel's LIO puts SCSI commands for them into a shared ring, and they are carried out by units of this daemon. One engine for each
/// transport; it has a few threads, which sleep while no device has anything to tell.
/// </summary>
/// <remarks>
/// For each device: open a nexus, enable the backend, <see cref="ServeAsync"/>, and only then link the LUN, as the link makes the kernel send commands and wait
/// for their answers. To go: unlink the LUN, <see cref="TcmuDevice.DisposeAsync"/>, disable the backend, close the nexus. When the engine asks for the end of
/// the nexus (<see cref="INexusObserver.CloseRequested"/>), call <see cref="TcmuDevice.Stop"/> at once, so that commands wait in the ring instead of being
/// aborted one by one.
/// </remarks>
public sealed class TcmuEngine : IAsyncDisposable
{
    /// <summary>Loops that an engine makes at most, where nothing else is said.</summary>
    public static readonly int DefaultThreads = Math.Clamp(Environment.ProcessorCount, 1, 8);

    private readonly ILogger _logger;
    private readonly TimeProvider _clock;
    private readonly EventLoops _loops;
    private readonly RingOpener _opener;
    private readonly Lock _gate = new();
    private readonly HashSet<TcmuDevice> _devices = [];

    /// <summary>An engine for the devices of this machine.</summary>
    /// <param name="logger">Logger of the transport.</param>
    /// <param name="clock">Clock.</param>
    /// <param name="threads">Threads at most; 0 for <see cref="DefaultThreads"/>.</param>
    public TcmuEngine(ILogger logger, TimeProvider clock, int threads = 0)
        : this(logger, clock, threads, UioDirectory.System, "/sys/kernel/config/target/core")
    {
    }

    internal TcmuEngine(ILogger logger, TimeProvider clock, int threads, UioDirectory devices, string coreDirectory)
    {
        _logger = logger;
        _clock = clock;
        _loops = new EventLoops(threads > 0 ? threads : DefaultThreads, logger);
        _opener = new RingOpener(devices, coreDirectory, clock, logger);
    }

    /// <summary>Serves a device from now on, until it is stopped or disposed. Waits for the device to appear.</summary>
    /// <exception cref="TransportException">It cannot be served; the message says why: it does not appear, another process has it, no rights.</exception>
    public async ValueTask<TcmuDevice> ServeAsync(TcmuDeviceRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        OpenedRing opened = await _opener.OpenAsync(request, cancellationToken);
        TcmuDevice device = new(request, opened, _loops, _clock, _logger);
        lock (_gate) _devices.Add(device);
        try
        {
            await device.StartAsync();
        }
        catch (IOException problem)
        {
            await device.DisposeAsync();
            throw new TransportException($"{request.Name}: {problem.Message}", problem);
        }

        _ = ForgetAsync(device);
        return device;
    }

    /// <summary>Disposes all devices and ends the threads.</summary>
    public async ValueTask DisposeAsync()
    {
        TcmuDevice[] devices;
        lock (_gate) devices = [.. _devices];
        await Task.WhenAll(devices.Select(device => device.DisposeAsync().AsTask()));
        _loops.Dispose();
    }

    private async Task ForgetAsync(TcmuDevice device)
    {
        await device.Disposed;
        lock (_gate) _devices.Remove(device);
    }
}
