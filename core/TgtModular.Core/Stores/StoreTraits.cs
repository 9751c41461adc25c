using TgtModular.Storage;

namespace TgtModular.Core.Stores;

/// <summary>Whether a store can take the place of one whose traits its users were told.</summary>
internal static class StoreTraits
{
    /// <summary>Traits that nobody above relies on.</summary>
    private const StoreCapabilities Unimportant = StoreCapabilities.VolatileCache | StoreCapabilities.OwnBuffers;

    /// <summary>In what it offers less; null when in nothing.</summary>
    /// <param name="told">Traits that units and filters reckon with.</param>
    /// <param name="offered">Traits of the new store.</param>
    public static string? FindLess(StoreInfo told, StoreInfo offered)
    {
        StoreCapabilities missing = told.Capabilities & ~offered.Capabilities & ~Unimportant;
        if (missing != 0) return $"it has not the abilities {missing}";
        if (offered.Has(StoreCapabilities.VolatileCache) && !told.Has(StoreCapabilities.VolatileCache)) return "it has a volatile cache, and nobody flushes it";
        if (offered.Alignment > told.Alignment) return $"it wants multiples of {offered.Alignment} bytes, and gets those of {told.Alignment}";
        if (offered.MaximumTransferLength != 0 && (told.MaximumTransferLength == 0 || offered.MaximumTransferLength < told.MaximumTransferLength))
            return $"it takes at most {offered.MaximumTransferLength} bytes in one call";
        if (offered.DiscardGranularity > 0 && told.DiscardGranularity % offered.DiscardGranularity != 0)
            return $"it discards multiples of {offered.DiscardGranularity} bytes, and gets those of {told.DiscardGranularity}";
        return Strictness(offered.Execution) < Strictness(told.Execution) ? $"its calls are {offered.Execution}, and were {told.Execution}" : null;
    }

    /// <summary>A caller who reckons with the lower ones is content with the higher.</summary>
    private static int Strictness(StoreExecution execution) => execution switch
    {
        StoreExecution.Inline => 2,
        StoreExecution.Asynchronous => 1,
        _ => 0,
    };
}
