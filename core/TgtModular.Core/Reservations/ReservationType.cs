namespace TgtModular.Core.Reservations;

/// <summary>TYPE of a persistent reservation (SPC-4 section 6.15.3.4).</summary>
internal enum ReservationType : byte
{
    WriteExclusive = 0x1,
    ExclusiveAccess = 0x3,
    WriteExclusiveRegistrantsOnly = 0x5,
    ExclusiveAccessRegistrantsOnly = 0x6,
    WriteExclusiveAllRegistrants = 0x7,
    ExclusiveAccessAllRegistrants = 0x8,
}

/// <summary>What the types mean.</summary>
internal static class ReservationTypes
{
    public static bool IsKnown(byte type) => Enum.IsDefined((ReservationType)type);

    /// <summary>Reading is reserved as well.</summary>
    public static bool IsExclusiveAccess(this ReservationType type) => type is ReservationType.ExclusiveAccess
        or ReservationType.ExclusiveAccessRegistrantsOnly or ReservationType.ExclusiveAccessAllRegistrants;

    /// <summary>Every registered nexus holds the reservation.</summary>
    public static bool IsAllRegistrants(this ReservationType type) =>
        type is ReservationType.WriteExclusiveAllRegistrants or ReservationType.ExclusiveAccessAllRegistrants;

    /// <summary>Every registered nexus has access: all registrants and registrants only.</summary>
    public static bool IsForRegistrants(this ReservationType type) =>
        type is not (ReservationType.WriteExclusive or ReservationType.ExclusiveAccess);
}
