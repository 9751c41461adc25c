using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>Opens stores of type <c>rate</c>.</summary>
[ExportStore("rate")]
public sealed class RateStoreFactory : IStoreFactory
{
    /// <inheritdoc/>
    public OptionSchema Options { get; } = OptionSchema.Of(
        new OptionDefinition("read_bytes", OptionType.Size, "Bytes read per second; 0 for any number.") { Default = 0L },
        new OptionDefinition("write_bytes", OptionType.Size, "Bytes written per second; 0 for any number.") { Default = 0L },
        new OptionDefinition("operations", OptionType.Integer, "Calls per second of any kind but flushes; 0 for any number.") { Default = 0L, Minimum = 0 });

    /// <inheritdoc/>
    public int LowerCount => 1;

    /// <inheritdoc/>
    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (context.Lower is not [IBlockStore lower]) throw new StoreOpenException("a rate store stands on one block store");
        return new(new RateStore(
            context, lower, context.Options.GetInteger("read_bytes"), context.Options.GetInteger("write_bytes"), context.Options.GetInteger("operations")));
    }
}
