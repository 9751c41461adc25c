using TgtModular.Plugins;
using TgtModular.Storage;

namespace ExamplePlugin;

/// <summary>Opens stores: <c>[store.x] type = "example-type"</c>. Made once, without arguments: open things in <see cref="OpenAsync"/>.</summary>
[ExportStore("example-type")]
public sealed class StoreFactory : IStoreFactory
{
    /// <inheritdoc/>
    /// <remarks>The daemon checks what is configured against this; every other key is refused.</remarks>
    public OptionSchema Options { get; } = OptionSchema.Of(
        new OptionDefinition("size", OptionType.Size, "Size in bytes.") { Required = true, Minimum = 512 });

    /// <inheritdoc/>
    /// <remarks>
    /// A dictionary is gone when the store is closed, so another version must not take over while the store is in use. Leave this out when your store finds its data again:
    /// then <c>tgtctl plugin upgrade</c> closes it, opens it with the new version and tells initiators; <see cref="StoreUpgrade.Unnoticed"/> spares them even that.
    /// </remarks>
    public StoreUpgrade Upgrade => StoreUpgrade.Refused;

    /// <inheritdoc/>
    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken)
    {
        // Whatever cannot be opened: throw StoreOpenException, with what is wrong and what to do.
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult<IBackingStore>(new BlockStore(context.Options.GetInteger("size"), context.Observer));
    }
}
