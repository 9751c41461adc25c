using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>Opens stores of type <c>memory</c>.</summary>
[ExportStore("memory")]
public sealed class MemoryStoreFactory : IStoreFactory
{
    /// <summary>16 TiB: the page table alone takes 128 MiB then.</summary>
    private const long LargestSize = 1L << 44;

    /// <inheritdoc/>
    public OptionSchema Options { get; } = OptionSchema.Of(
        new OptionDefinition("size", OptionType.Size, "Size of the disk; also the most memory its data can take.")
        {
            Required = true,
            Minimum = 1,
            Maximum = LargestSize,
        });

    /// <summary>The data would be gone.</summary>
    public StoreUpgrade Upgrade => StoreUpgrade.Refused;

    /// <inheritdoc/>
    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        long size = context.Options.GetInteger("size");
        if (size is < 1 or > LargestSize) throw new StoreOpenException($"size {size} is not within 1 and {LargestSize} bytes");
        return new(new MemoryStore(size, LargestSize, context.Observer));
    }
}
