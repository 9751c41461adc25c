using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;
using TgtModular.Lio.Native;
using TgtModular.Transports;

namespace TgtModular.Lio.Tcmu;

/// <summary>A ring that is ready to be served.</summary>
/// <param name="Descriptor">Tells of new commands; owned.</param>
/// <param name="Mapping">Its memory; owned.</param>
/// <param name="Ring">The ring.</param>
/// <param name="Doorbell">The kernel.</param>
/// <param name="InOrder">Answer in the order of the ring.</param>
internal sealed record OpenedRing(SafeFileHandle Descriptor, RingMapping Mapping, TcmuRing Ring, IDoorbell Doorbell, bool InOrder);

/// <summary>Opens the ring of a device, and sees to what a former handler left in it.</summary>
internal sealed class RingOpener(UioDirectory devices, string coreDirectory, TimeProvider clock, ILogger logger)
{
    private const string NamePrefix = "tcm-user/";

    /// <summary>Opens a device; waits for it.</summary>
    /// <exception cref="TransportException">It cannot be served; the message says why.</exception>
    public async Task<OpenedRing> OpenAsync(TcmuDeviceRequest request, CancellationToken cancellationToken)
    {
        string node = await devices.WaitAsync(request.Name, request.AppearanceLimit, clock, cancellationToken)
            ?? throw new TransportException($"there is no UIO device '{request.Name}': the backend is not enabled, or the kernel has no target_core_user");
        SafeFileHandle descriptor = OpenDevice(request.Name, devices.PathOf(node));
        RingMapping? mapping = null;
        try
        {
            // Now that no other process has the device, nobody works on what is in the ring.
            bool inOrder = !TryReset(request);
            long length = devices.GetMapLength(node) ?? throw new TransportException($"{request.Name}: {node} has no memory to map");
            mapping = new RingMapping(length, descriptor);
            if (!TcmuRing.TryOpen(mapping, out TcmuRing? ring, out string? problem)) throw new TransportException($"{request.Name}: {problem}");
            Tell(request, devices.PathOf(node), inOrder);
            return new OpenedRing(descriptor, mapping, ring, new UioDoorbell(descriptor), inOrder);
        }
        catch (Exception problem)
        {
            mapping?.Dispose();
            descriptor.Dispose();
            if (problem is IOException) throw new TransportException($"{request.Name}: {problem.Message}", problem);
            throw;
        }
    }

    private static SafeFileHandle OpenDevice(string name, string path)
    {
        int descriptor = LibC.Open(path, LibC.ReadWrite | LibC.CloseOnExec | LibC.NonBlocking, 0);
        if (descriptor >= 0) return new SafeFileHandle(descriptor, ownsHandle: true);
        int error = Marshal.GetLastPInvokeError();
        throw new TransportException(error == LibC.Busy
            ? $"{name}: {path} is served by another process"
            : $"{name}: {path}: {LibC.Describe(error)}");
    }

    private bool TryReset(TcmuDeviceRequest request)
    {
        if (request.Takeover == Takeover.ServeAgain) return false;
        string? backend = request.BackendDirectory ?? BackendOf(request.Name);
        if (backend is null)
        {
            TcmuLog.ResetFailed(logger, request.Name, "its name does not tell its backend");
            return false;
        }

        try
        {
            File.WriteAllText(Path.Combine(backend, "action", "reset_ring"), ((int)request.Takeover).ToString(CultureInfo.InvariantCulture));
            return true;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            TcmuLog.ResetFailed(logger, request.Name, problem.Message);
            return false;
        }
    }

    /// <summary>The directory of <c>tcm-user/HBA/NAME/CONFIG</c>; the names of backends have no slash.</summary>
    private string? BackendOf(string name)
    {
        if (!name.StartsWith(NamePrefix, StringComparison.Ordinal)) return null;
        string[] parts = name[NamePrefix.Length..].Split('/', 3);
        return parts.Length < 2 || parts[1] is "" or "." or ".." ? null : Path.Combine(coreDirectory, $"user_{parts[0]}", parts[1]);
    }

    private void Tell(TcmuDeviceRequest request, string path, bool inOrder) => TcmuLog.Serving(
        logger, request.Name, path, request.Lun.ToString(), request.Nexus.Initiator.ToString(),
        inOrder ? "what is in its ring is served again" : $"what was in its ring: {request.Takeover}");
}
