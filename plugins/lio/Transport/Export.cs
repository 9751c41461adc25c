using TgtModular.Lio.Configfs;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Lio.Transport;

/// <summary>A unit that is in the kernel for one initiator. Its owner is the pass.</summary>
internal sealed class Export(MappedUnit unit, BackendSpec backend, PortExport place, Reservations reservations)
{
    public Lun Lun => unit.Lun;

    public string Unit => unit.Unit;

    public BackendSpec Backend => backend;

    public PortExport Place => place;

    public Reservations Reservations => reservations;

    /// <summary>Bytes that the kernel was told of.</summary>
    public long Size { get; set; } = backend.Size;

    /// <summary>Its ring; null while nobody serves it.</summary>
    public IRingDevice? Ring { get; set; }

    /// <summary>Why it is not as it should be; null when it is.</summary>
    public string? Problem { get; set; }
}
