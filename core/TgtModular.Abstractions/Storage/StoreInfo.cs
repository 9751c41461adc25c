namespace TgtModular.Storage;

/// <summary>Abilities and traits of a block store.</summary>
[Flags]
public enum StoreCapabilities
{
    /// <summary>Read only, nothing else.</summary>
    None = 0,

    /// <summary>Can be written.</summary>
    Write = 1 << 0,

    /// <summary>A write may lie in a volatile cache until it is flushed or was written with <see cref="WriteOptions.ForceUnitAccess"/>.</summary>
    VolatileCache = 1 << 1,

    /// <summary>Discard is implemented.</summary>
    Discard = 1 << 2,

    /// <summary>Discarded ranges read as zero.</summary>
    DiscardReadsZero = 1 << 3,

    /// <summary>Writing zeroes is cheaper than writing data.</summary>
    WriteZeroes = 1 << 4,

    /// <summary>Compare-and-write is atomic within the store, also against other users of it.</summary>
    CompareAndWrite = 1 << 5,

    /// <summary>Tells allocated from unallocated ranges.</summary>
    AllocationMap = 1 << 6,

    /// <summary>Can change its size.</summary>
    Resize = 1 << 7,

    /// <summary>Brings buffers of its own (<see cref="IStoreBuffers"/>).</summary>
    OwnBuffers = 1 << 8,

    /// <summary>May be used by several units at once.</summary>
    Shareable = 1 << 9,
}

/// <summary>Where calls into a store may run.</summary>
public enum StoreExecution : byte
{
    /// <summary>Calls may block: the core makes them on its worker pool.</summary>
    Blocking,

    /// <summary>Calls complete at once and never block: the core may make them on a receive loop.</summary>
    Inline,

    /// <summary>Calls return at once and complete later, on any thread, native ones too; all but <see cref="IBlockStore.GetExtent"/>, which may wait.</summary>
    Asynchronous,
}

/// <summary>What a store is. Constant while the store is open, but for the size.</summary>
/// <param name="Capabilities">Abilities and traits.</param>
/// <param name="Execution">Where calls may run.</param>
public sealed record StoreInfo(StoreCapabilities Capabilities, StoreExecution Execution)
{
    /// <summary>Offsets and lengths must be multiples of this many bytes; a power of two.</summary>
    public int Alignment { get; init; } = 1;

    /// <summary>
    /// Segments whose address and length are multiples of this many bytes are moved without a copy (direct I/O); the store takes others too, and copies;
    /// a power of two.
    /// </summary>
    public int MemoryAlignment { get; init; } = 1;

    /// <summary>Bytes per physical block: smaller writes cost a read; a power of two.</summary>
    public int PhysicalBlockLength { get; init; } = 512;

    /// <summary>Preferred transfer length in bytes, 0 when there is none.</summary>
    public int OptimalTransferLength { get; init; }

    /// <summary>Most bytes in one call, 0 for no limit.</summary>
    public int MaximumTransferLength { get; init; }

    /// <summary>Discards act on multiples of this many bytes, 0 when there is no such ability.</summary>
    public int DiscardGranularity { get; init; }

    /// <summary>Medium rotation rate in revolutions per minute, 1 for none (solid state), 0 unknown.</summary>
    public int RotationRate { get; init; }

    /// <summary>True when the store has the ability.</summary>
    public bool Has(StoreCapabilities capability) => (Capabilities & capability) == capability;
}
