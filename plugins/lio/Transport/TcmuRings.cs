using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using TgtModular.Lio.Netlink;
using TgtModular.Lio.Tcmu;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Lio.Transport;

/// <summary>The kernel's rings. The engine serves those of one nexus on one of its threads.</summary>
internal sealed class TcmuRings(ILogger logger, TimeProvider clock) : IRingServer
{
    private readonly TcmuEngine _engine = new(logger, clock);
    private TcmuNetlink? _netlink;

    public IRingGroup Open(INexus nexus) => new Group(this, nexus);

    public async ValueTask DisposeAsync()
    {
        if (_netlink is not null) await _netlink.DisposeAsync();
        await _engine.DisposeAsync();
    }

    /// <summary>The kernel changes the size of a backend only while somebody listens. By the first ring its module is there.</summary>
    private async ValueTask ListenAsync() => _netlink ??= await TcmuNetlink.TryOpenAsync(new Listener(), logger);

    /// <summary>Sizes come from the units: what the kernel tells of them is known here.</summary>
    private sealed class Listener : ITcmuListener
    {
        public ValueTask<int?> HandleAsync(TcmuEvent told) => new((int?)null);
    }

    private sealed class Group(TcmuRings rings, INexus nexus) : IRingGroup
    {
        private readonly ConcurrentBag<TcmuDevice> _devices = [];

        public void Stop()
        {
            foreach (TcmuDevice device in _devices) device.Stop();
        }

        public async ValueTask<IRingDevice> ServeAsync(string uioName, Lun lun, bool isRepeatable, CancellationToken cancellationToken)
        {
            TcmuDeviceRequest request = new(uioName, nexus, lun) { Takeover = isRepeatable ? Takeover.AnswerBusy : Takeover.AnswerFailed };
            await rings.ListenAsync();
            TcmuDevice device = await rings._engine.ServeAsync(request, cancellationToken);
            _devices.Add(device); // those that are gone take no harm from another stop
            return new Device(device);
        }

        public ValueTask DisposeAsync() => default;
    }

    private sealed class Device : IRingDevice
    {
        private readonly TcmuDevice _device;

        public Device(TcmuDevice device)
        {
            _device = device;
            Failed = WaitAsync(device.Ended);
        }

        public Task<string> Failed { get; }

        public ValueTask DisposeAsync() => _device.DisposeAsync();

        /// <summary>A device that was stopped has not failed: its task stays open.</summary>
        private static async Task<string> WaitAsync(Task<string?> ended) => await ended ?? await new TaskCompletionSource<string>().Task;
    }
}
