namespace TgtModular.Lio.Tcmu;

/// <summary>What stands next in the ring; every number was checked and is a copy, so that nobody can change it any more.</summary>
internal readonly ref struct RingEntry
{
    /// <summary>What it asks; an operation without a name is not known.</summary>
    public RingOperation Operation { get; init; }

    /// <summary>Offset in the ring.</summary>
    public uint Position { get; init; }

    /// <summary>Bytes of the entry.</summary>
    public uint Length { get; init; }

    /// <summary>Command identifier.</summary>
    public ushort Identifier { get; init; }

    /// <summary>The CDB, in the ring.</summary>
    public ReadOnlySpan<byte> Cdb { get; init; }

    /// <summary>True when the command has data both ways, or protection information: neither is served.</summary>
    public bool IsBidirectional { get; init; }

    /// <summary>Number of pieces of its data.</summary>
    public int VectorCount { get; init; }

    /// <summary>Offset of the first iovec in the map.</summary>
    public long Vectors { get; init; }

    /// <summary>Task management function.</summary>
    public RingFunction Function { get; init; }

    /// <summary>Commands that a task management function ends: identifiers of two bytes each, in the ring.</summary>
    public ReadOnlySpan<ushort> Identifiers { get; init; }
}

/// <summary>What <see cref="TcmuRing.TryPeek"/> found.</summary>
internal enum RingLook
{
    /// <summary>Nothing new.</summary>
    Empty,

    /// <summary>An entry.</summary>
    Entry,

    /// <summary>The content makes no sense: <see cref="TcmuRing.Damage"/> says why.</summary>
    Damaged,
}
