using System.Collections.Immutable;
using TgtModular.Scsi;

namespace TgtModular.Core.Reservations;

/// <summary>
/// What registrations are kept by: it names an I_T nexus also while that is not open, and means the same after a restart, as relative target port
/// identifiers need not.
/// </summary>
/// <param name="Initiator">The initiator port.</param>
/// <param name="Port">Name of the target port; null for all target ports of the unit.</param>
internal readonly record struct NexusName(TransportId Initiator, string? Port);

/// <summary>Name of a target port.</summary>
/// <param name="Protocol">Its protocol: only initiators of the same one come through it.</param>
/// <param name="Name">Its name.</param>
internal readonly record struct PortName(ProtocolIdentifier Protocol, string Name);

/// <summary>A registration (SPC-4 section 5.13.7).</summary>
/// <param name="Name">The I_T nexus; without a port for a registration by ALL_TG_PT.</param>
/// <param name="Key">Reservation key, never zero.</param>
/// <param name="Except">Names of target ports that a registration by ALL_TG_PT does not cover (any more).</param>
internal sealed record Registration(NexusName Name, ulong Key, ImmutableArray<string> Except)
{
    public Registration(NexusName name, ulong key)
        : this(name, key, [])
    {
    }
}

/// <summary>A persistent reservation; its scope is always the logical unit.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Holder">The I_T nexus that holds it, always with a port; null where all registrants do.</param>
internal sealed record PersistentReservation(ReservationType Type, NexusName? Holder);
