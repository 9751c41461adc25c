using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Lio.Transport;

/// <summary>Answers the commands that the kernel hands out through rings.</summary>
public interface IRingServer : IAsyncDisposable
{
    /// <summary>Prepares to serve the backends of one nexus: they share it, and it is submitted to by one at a time.</summary>
    IRingGroup Open(INexus nexus);
}

/// <summary>The rings of one nexus.</summary>
public interface IRingGroup : IAsyncDisposable
{
    /// <summary>Takes no more commands: they wait in their rings for the next server. Any thread, never blocks.</summary>
    void Stop();

    /// <summary>Serves a backend's ring from now on.</summary>
    /// <param name="uioName">What the kernel calls the ring: the backend's <see cref="Configfs.BackendSpec.UioName"/>.</param>
    /// <param name="lun">Where the nexus has the unit.</param>
    /// <param name="isRepeatable">True when initiators may send again what an earlier server left without an answer; else they are told that it failed.</param>
    /// <param name="cancellationToken">Ends the wait for the device file.</param>
    /// <exception cref="TransportException">There is no such ring, it is served by somebody else, or its content makes no sense.</exception>
    ValueTask<IRingDevice> ServeAsync(string uioName, Lun lun, bool isRepeatable, CancellationToken cancellationToken);
}

/// <summary>A ring that is served. Disposal stops that; the backend stays.</summary>
public interface IRingDevice : IAsyncDisposable
{
    /// <summary>Completes when it is not served any more without having been disposed, with the reason.</summary>
    Task<string> Failed { get; }
}
