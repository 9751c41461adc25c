using Microsoft.Extensions.Logging;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Lio.Tcmu;

/// <summary>What a ring stands for: one LUN of one I_T nexus.</summary>
internal sealed class RingTarget
{
#pragma warning disable TGT0004 // A number that no two rings of the process share; nothing else hangs on it.
    private static int _lastSerial;
#pragma warning restore TGT0004
    private readonly ulong _tagBase = (ulong)(uint)Interlocked.Increment(ref _lastSerial) << 16;

    public RingTarget(string name, INexus nexus, Lun lun, ILogger logger)
    {
        Name = name;
        Nexus = nexus;
        Lun = lun;
        Logger = logger;
    }

    /// <summary>For people.</summary>
    public string Name { get; }

    /// <summary>The engine's side.</summary>
    public INexus Nexus { get; }

    /// <summary>The unit.</summary>
    public Lun Lun { get; }

    public ILogger Logger { get; }

    /// <summary>See <see cref="TcmuDeviceRequest.AbortsCommands"/>.</summary>
    public bool AbortsCommands { get; init; }

    /// <summary>The engine's tag of a command: other rings of the same nexus use the same identifiers.</summary>
    public ulong TagOf(ushort identifier) => _tagBase | identifier;
}
