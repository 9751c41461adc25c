using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.TestKit;

/// <summary>Opens stores as the core does.</summary>
public static class StoreOpening
{
    /// <summary>Opens a store of a factory.</summary>
    /// <param name="factory">The factory.</param>
    /// <param name="host">Services.</param>
    /// <param name="options">Options by name, each in the type that its option is read as.</param>
    /// <param name="observer">Whom the store tells; null for nobody.</param>
    /// <param name="lower">Stores beneath.</param>
    /// <param name="name">Name of the store in the configuration.</param>
    public static async ValueTask<IBlockStore> OpenBlockStoreAsync(
        this IStoreFactory factory, IPluginHost host, IReadOnlyDictionary<string, object> options, IStoreObserver? observer = null,
        IReadOnlyList<IBackingStore>? lower = null, string name = "test")
    {
        ArgumentNullException.ThrowIfNull(factory);
        OptionValues values = new(factory.Options, options);
        StoreOpenContext context = new(name, values, host, observer ?? new RecordingStoreObserver(), lower ?? []);
        return (IBlockStore)await factory.OpenAsync(context, CancellationToken.None);
    }
}
