namespace TgtModular.Storage;

/// <summary>The one table of how a filter's traits combine with those of the stores beneath it.</summary>
public static class StoreStacking
{
    /// <summary>Traits that say a danger exists: one bearer beneath is enough.</summary>
    private const StoreCapabilities Dangers = StoreCapabilities.VolatileCache;

    /// <summary>Traits of a filter over <paramref name="lower"/>.</summary>
    /// <param name="lower">The stores beneath, at least one.</param>
    /// <param name="removed">Abilities that the filter's transformation takes away (encryption: reads-as-zero, allocation map, compare-and-write).</param>
    /// <param name="added">Abilities that the filter brings itself.</param>
    /// <param name="own">Where calls into the filter's own code may run: the stricter of this and of the stores beneath holds.</param>
    public static StoreInfo Combine(
        IReadOnlyList<IBackingStore> lower, StoreCapabilities removed = 0, StoreCapabilities added = 0, StoreExecution own = StoreExecution.Inline)
    {
        ArgumentNullException.ThrowIfNull(lower);
        ArgumentOutOfRangeException.ThrowIfZero(lower.Count, nameof(lower));
        StoreInfo combined = lower[0].Info;
        for (int i = 1; i < lower.Count; i++) combined = Combine(combined, lower[i].Info);
        return combined with
        {
            Capabilities = (combined.Capabilities & ~removed & ~StoreCapabilities.OwnBuffers) | added,
            Execution = Slowest(combined.Execution, own),
        };
    }

    /// <summary>Size of a filter that passes offsets through: the smallest beneath.</summary>
    public static long CombinedLength(IReadOnlyList<IBackingStore> lower)
    {
        ArgumentNullException.ThrowIfNull(lower);
        return lower.Min(store => store.Length);
    }

    private static StoreInfo Combine(StoreInfo a, StoreInfo b) =>
        new((a.Capabilities & b.Capabilities) | ((a.Capabilities | b.Capabilities) & Dangers), Slowest(a.Execution, b.Execution))
        {
            Alignment = Math.Max(a.Alignment, b.Alignment),
            MemoryAlignment = Math.Max(a.MemoryAlignment, b.MemoryAlignment),
            PhysicalBlockLength = Math.Max(a.PhysicalBlockLength, b.PhysicalBlockLength),
            OptimalTransferLength = Math.Max(a.OptimalTransferLength, b.OptimalTransferLength),
            MaximumTransferLength = SmallerLimit(a.MaximumTransferLength, b.MaximumTransferLength),
            DiscardGranularity = Math.Max(a.DiscardGranularity, b.DiscardGranularity),
            RotationRate = a.RotationRate == b.RotationRate ? a.RotationRate : 0,
        };

    private static StoreExecution Slowest(StoreExecution a, StoreExecution b)
    {
        if (a == StoreExecution.Blocking || b == StoreExecution.Blocking) return StoreExecution.Blocking;
        return a == StoreExecution.Inline ? b : a;
    }

    private static int SmallerLimit(int a, int b) => a == 0 ? b : b == 0 ? a : Math.Min(a, b);
}
