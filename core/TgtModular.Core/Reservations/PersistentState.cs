using System.Collections.Immutable;
using TgtModular.Scsi;

namespace TgtModular.Core.Reservations;

/// <summary>
/// Registrations and the persistent reservation of one unit at one moment. It never changes: a service action makes the next one with
/// <see cref="PersistentStateBuilder"/>.
/// </summary>
internal sealed class PersistentState
{
    /// <summary>Most registrations of one unit.</summary>
    public const int MaximumRegistrations = 1024;

    private readonly OrderedDictionary<NexusName, Registration> _registrations;

    public PersistentState(
        OrderedDictionary<NexusName, Registration> registrations, PersistentReservation? reservation, uint generation, bool survivesPowerLoss)
    {
        _registrations = registrations;
        Reservation = reservation;
        Generation = generation;
        SurvivesPowerLoss = survivesPowerLoss;
    }

    /// <summary>Nothing registered.</summary>
    public static PersistentState Empty { get; } = new([], null, 0, survivesPowerLoss: false);

    /// <summary>In the order in which they were made.</summary>
    public IReadOnlyList<Registration> Registrations => _registrations.Values;

    public PersistentReservation? Reservation { get; }

    /// <summary>PRGENERATION: counts changes of registrations since power on.</summary>
    public uint Generation { get; }

    /// <summary>
    /// Target ports that the unit has been seen through: those that ALL_TG_PT is about, beside ports that come later. A registration by it of which none
    /// of them has anything left is ended.
    /// </summary>
    public ImmutableHashSet<PortName> Ports { get; init; } = [];

    /// <summary>The last APTPL bit.</summary>
    public bool SurvivesPowerLoss { get; }

    /// <summary>The registration that covers an I_T nexus.</summary>
    public Registration? Find(NexusName nexus) => Find(_registrations, nexus);

    /// <summary>Does the nexus hold the reservation?</summary>
    public bool IsHolder(NexusName nexus) =>
        Reservation is { } reservation && (reservation.Holder is { } holder ? holder == nexus : Find(nexus) is not null);

    /// <summary>Is the registration one of a reservation holder?</summary>
    public bool IsHolder(Registration registration) =>
        Reservation is { } reservation && (reservation.Holder is not { } holder || holder == registration.Name);

    /// <summary>Are commands of the nexus free of the reservation (SPC-4 table 65)?</summary>
    public bool HasAccess(NexusName nexus) =>
        Reservation is not { } reservation || (reservation.Type.IsForRegistrants() ? Find(nexus) is not null : reservation.Holder == nexus);

    public PersistentStateBuilder Edit() => new(this);

    /// <summary>The same with other ports known.</summary>
    public PersistentState With(ImmutableHashSet<PortName> ports) =>
        ReferenceEquals(ports, Ports) ? this : new PersistentState(_registrations, Reservation, Generation, SurvivesPowerLoss) { Ports = ports };

    internal OrderedDictionary<NexusName, Registration> CopyRegistrations() => new(_registrations);

    internal static Registration? Find(OrderedDictionary<NexusName, Registration> registrations, NexusName nexus)
    {
        if (registrations.TryGetValue(nexus, out Registration? exact)) return exact;
        return registrations.TryGetValue(nexus with { Port = null }, out Registration? wide) && nexus.Port is { } port && !wide.Except.Contains(port)
            ? wide
            : null;
    }
}

/// <summary>Makes the next state of a <see cref="PersistentState"/>.</summary>
internal sealed class PersistentStateBuilder(PersistentState from)
{
    private readonly OrderedDictionary<NexusName, Registration> _registrations = from.CopyRegistrations();

    public int Count => _registrations.Count;

    public PersistentReservation? Reservation { get; set; } = from.Reservation;

    public bool SurvivesPowerLoss { get; set; } = from.SurvivesPowerLoss;

    public bool IsRegistered(NexusName nexus) => PersistentState.Find(_registrations, nexus) is not null;

    public bool IsRegisteredAnywhere(TransportId initiator) => _registrations.Keys.Any(name => name.Initiator.Equals(initiator));

    /// <summary>Registers one I_T nexus, or changes its key; from now on it is apart from a registration by ALL_TG_PT.</summary>
    public void SetKey(NexusName nexus, ulong key)
    {
        Exclude(nexus);
        _registrations[nexus] = new Registration(nexus, key);
    }

    /// <summary>Registers an initiator port through all target ports. The holder of a reservation stays a registration of its own.</summary>
    public void SetKeyOnAllPorts(TransportId initiator, ulong key)
    {
        NexusName? holder = Reservation?.Holder is { } held && held.Initiator.Equals(initiator) ? held : null;
        foreach (NexusName name in NamesOf(initiator))
        {
            if (name != holder) _registrations.Remove(name);
        }

        NexusName all = new(initiator, null);
        _registrations[all] = new Registration(all, key, holder is { } kept ? [kept.Port!] : []);
        if (holder is { } own) _registrations[own] = new Registration(own, key);
    }

    public void Remove(NexusName nexus)
    {
        Exclude(nexus);
        _registrations.Remove(nexus);
    }

    public void RemoveFromAllPorts(TransportId initiator)
    {
        foreach (NexusName name in NamesOf(initiator)) _registrations.Remove(name);
    }

    /// <summary>Removes registrations with a key.</summary>
    /// <param name="key">The key; null for every one.</param>
    /// <param name="except">Kept whatever its key.</param>
    /// <returns>How many.</returns>
    public int RemoveWithKey(ulong? key, NexusName? except)
    {
        Registration[] gone = [.. _registrations.Values.Where(registration => (key is null || registration.Key == key) && registration.Name != except)];
        foreach (Registration registration in gone) _registrations.Remove(registration.Name);
        return gone.Length;
    }

    /// <summary>The state. A reservation whose holder is not registered any more is released (SPC-4 section 5.13.11.2.3).</summary>
    public PersistentState Build(bool registrationsChanged)
    {
        foreach (Registration wide in _registrations.Values.Where(CoversNothing).ToArray()) _registrations.Remove(wide.Name);
        if (Reservation is { } reservation && (reservation.Holder is { } holder ? !_registrations.ContainsKey(holder) : Count == 0)) Reservation = null;
        return new PersistentState(_registrations, Reservation, unchecked(from.Generation + (registrationsChanged ? 1u : 0u)), SurvivesPowerLoss)
        {
            Ports = from.Ports,
        };
    }

    /// <summary>True for a registration by ALL_TG_PT that no known port is covered by, nor has a registration of its own with the key any more.</summary>
    private bool CoversNothing(Registration registration) => !registration.Except.IsEmpty && from.Ports.All(
        port => port.Protocol != registration.Name.Initiator.Protocol || (registration.Except.Contains(port.Name) &&
            _registrations.GetValueOrDefault(registration.Name with { Port = port.Name })?.Key != registration.Key));

    private NexusName[] NamesOf(TransportId initiator) => [.. _registrations.Keys.Where(name => name.Initiator.Equals(initiator))];

    private void Exclude(NexusName nexus)
    {
        NexusName all = nexus with { Port = null };
        if (nexus.Port is { } port && _registrations.TryGetValue(all, out Registration? wide) && !wide.Except.Contains(port))
            _registrations[all] = wide with { Except = wide.Except.Add(port) };
    }
}
