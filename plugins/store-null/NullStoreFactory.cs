using Microsoft.Extensions.Logging;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>Opens stores of type <c>null</c>.</summary>
[ExportStore("null")]
public sealed partial class NullStoreFactory : IStoreFactory
{
    /// <inheritdoc/>
    public OptionSchema Options { get; } = OptionSchema.Of(
        new OptionDefinition("size", OptionType.Size, "Size that the disk shows.") { Required = true, Minimum = 1 });

    /// <inheritdoc/>
    public StoreUpgrade Upgrade => StoreUpgrade.Unnoticed;

    /// <inheritdoc/>
    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        long size = context.Options.GetInteger("size");
        if (size < 1) throw new StoreOpenException($"size {size} is not at least 1 byte");
        WarnOfLoss(context.Host.Logger, context.Name);
        return new(new NullStore(size, context.Observer));
    }

    [LoggerMessage(1, LogLevel.Warning, "store '{Store}' is of type null: it keeps nothing that is written to it. It is for benchmarks")]
    private static partial void WarnOfLoss(ILogger logger, string store);
}
