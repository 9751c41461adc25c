using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>What must go well while a store is opened.</summary>
internal static class Opening
{
    /// <summary>The data are on stable storage.</summary>
    public static void RequireDurableData(StorageResult result)
    {
        if (!result.IsOk) throw new StoreOpenException($"the data cannot be made durable ({result.Status})");
    }

    /// <summary>Something was written to the sums.</summary>
    public static void RequireSums(StorageResult result)
    {
        if (!result.IsOk) throw new StoreOpenException($"the sums cannot be written ({result.Status})");
    }
}
