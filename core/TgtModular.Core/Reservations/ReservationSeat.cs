using TgtModular.Core.Units;
using TgtModular.Devices;

namespace TgtModular.Core.Reservations;

/// <summary>
/// Where a unit's reservations live: one state for all targets and transports the unit is seen through. RESERVE and RELEASE (SPC-2 section 7.21)
/// stand here; persistent reservations join them.
/// </summary>
internal sealed class ReservationSeat(LogicalUnit unit)
{
    private readonly Lock _gate = new();
    private volatile UnitNexus? _reservedBy;

    /// <summary>Does a reservation of another nexus forbid the command?</summary>
    public bool Conflicts(UnitNexus nexus, CommandDescriptor descriptor, ReadOnlySpan<byte> cdb)
    {
        _ = cdb;
        UnitNexus? holder = _reservedBy;
        return holder is not null && holder != nexus && descriptor.Reservation != ReservationRule.Allowed;
    }

    /// <summary>RESERVE of the whole unit.</summary>
    public bool TryReserve(UnitNexus nexus)
    {
        lock (_gate)
        {
            if (_reservedBy is { } holder && holder != nexus) return false;
            _reservedBy = nexus;
            return true;
        }
    }

    /// <summary>RELEASE; of no effect for others than the holder.</summary>
    public void Release(UnitNexus nexus)
    {
        lock (_gate)
        {
            if (_reservedBy == nexus) _reservedBy = null;
        }
    }

    /// <summary>The nexus is gone, and its RESERVE with it.</summary>
    public void NexusLost(UnitNexus nexus) => Release(nexus);

    /// <summary>A reset ends RESERVE.</summary>
    public void Reset()
    {
        lock (_gate) _reservedBy = null;
    }

    /// <summary>The unit it belongs to.</summary>
    public LogicalUnit Unit => unit;
}
