using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>Opens stores of type <c>readonly</c>.</summary>
[ExportStore("readonly")]
public sealed class ReadOnlyStoreFactory : IStoreFactory
{
    /// <inheritdoc/>
    public OptionSchema Options => OptionSchema.Empty;

    /// <inheritdoc/>
    public int LowerCount => 1;

    /// <inheritdoc/>
    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Lower is not [IBlockStore lower]) throw new StoreOpenException("a readonly store stands on one block store");
        return new(new ReadOnlyStore(lower));
    }
}
