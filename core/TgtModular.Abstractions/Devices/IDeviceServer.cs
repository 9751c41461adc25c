using TgtModular.Plugins;
using TgtModular.Scsi;

namespace TgtModular.Devices;

/// <summary>The device server of one logical unit (SAM-5 section 4.6.4): made by a device type's factory, disposed once.</summary>
public interface IDeviceServer : IAsyncDisposable
{
    /// <summary>PERIPHERAL DEVICE TYPE.</summary>
    PeripheralDeviceType DeviceType { get; }

    /// <summary>What it can do. The core adds what it answers itself for every unit: see <see cref="CoreCommands"/>.</summary>
    CommandTable Commands { get; }

    /// <summary>Commands that the core shall answer for this unit.</summary>
    CoreCommands CoreCommands => CoreCommands.Standard;

    /// <summary>Asked for commands that need a medium.</summary>
    /// <returns>False with the sense data of why it is not ready.</returns>
    bool CheckReady(out SenseData notReady)
    {
        notReady = default;
        return true;
    }

    /// <summary>A store of the unit changed its size.</summary>
    void StoreResized(string role, long length)
    {
    }

    /// <summary>A logical unit reset: state that SPC-5 section 6 resets goes back to its saved or default value. Commands have been aborted before.</summary>
    void Reset()
    {
    }

    /// <summary>The nexus is gone, or was reset: forget what was kept for it (prevented removal, changed mode pages).</summary>
    void NexusLost(INexusView nexus)
    {
    }
}

/// <summary>Commands that the core answers, because their state exists once per process.</summary>
[Flags]
public enum CoreCommands
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>REPORT LUNS.</summary>
    ReportLuns = 1,

    /// <summary>REPORT SUPPORTED OPERATION CODES and REPORT SUPPORTED TASK MANAGEMENT FUNCTIONS.</summary>
    ReportSupported = 2,

    /// <summary>RESERVE(6/10) and RELEASE(6/10).</summary>
    LegacyReservations = 4,

    /// <summary>PERSISTENT RESERVE IN and OUT.</summary>
    PersistentReservations = 8,

    /// <summary>REPORT LUNS and the REPORT SUPPORTED commands.</summary>
    Standard = ReportLuns | ReportSupported,

    /// <summary>All of them.</summary>
    All = Standard | LegacyReservations | PersistentReservations,
}

/// <summary>What a factory gets to make a device server.</summary>
/// <param name="Unit">The logical unit.</param>
/// <param name="Options">Values by the factory's schema.</param>
/// <param name="Host">Services of the host.</param>
public sealed record DeviceServerContext(ILogicalUnit Unit, OptionValues Options, IPluginHost Host);

/// <summary>A unit that cannot be made, with a message for the administrator.</summary>
public sealed class DeviceServerException : Exception
{
    /// <summary>With a message.</summary>
    public DeviceServerException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and its cause.</summary>
    public DeviceServerException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Without a message; for serialisers.</summary>
    public DeviceServerException()
    {
    }
}

/// <summary>Makes device servers of one type. Exported with <see cref="ExportDeviceTypeAttribute"/>; made once.</summary>
public interface IDeviceTypeFactory
{
    /// <summary>The options it understands.</summary>
    OptionSchema Options { get; }

    /// <summary>PERIPHERAL DEVICE TYPE of its units.</summary>
    PeripheralDeviceType DeviceType { get; }

    /// <summary>Stores a unit needs: 0 for none (a controller), 1 for most; roles are named by <see cref="StoreRoles"/>.</summary>
    IReadOnlyList<string> StoreRoles => ["store"];

    /// <summary>
    /// How long <see cref="CreateAsync"/> may take. A unit that is not made by then is left out, so that the others can be served; when it is made after all, it is disposed of.
    /// Default: 30 s.
    /// </summary>
    TimeSpan CreationLimit => TimeSpan.FromSeconds(30);

    /// <summary>Makes a device server.</summary>
    /// <exception cref="DeviceServerException">It cannot be made; the message says why.</exception>
    ValueTask<IDeviceServer> CreateAsync(DeviceServerContext context, CancellationToken cancellationToken);
}
