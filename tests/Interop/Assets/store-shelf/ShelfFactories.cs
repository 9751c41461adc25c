using System.Reflection;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace Shelf;

/// <summary>Opens stores of type <c>shelf</c>, whose upgrade nobody notices.</summary>
[ExportStore("shelf")]
public sealed class ShelfFactory : IStoreFactory
{
    public static string Version { get; } = typeof(ShelfFactory).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    public OptionSchema Options { get; } = OptionSchema.Of(
        new OptionDefinition("path", OptionType.Path, "The file.") { Required = true },
        new OptionDefinition("size", OptionType.Size, "Its size.") { Required = true });

    public StoreUpgrade Upgrade => StoreUpgrade.Unnoticed;

    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken) => new(Open(context));

    /// <summary>A file <c>PATH.fails-VERSION</c> makes that version fail.</summary>
    internal static IBackingStore Open(StoreOpenContext context)
    {
        string path = context.Options.RequireText("path");
        if (File.Exists($"{path}.fails-{Version}")) throw new StoreOpenException($"version {Version} was told to fail");
        return new ShelfStore(path, context.Options.GetInteger("size"), File.Exists($"{path}.coarse-{Version}") ? 4096 : 512);
    }
}

/// <summary>The same, but initiators are to be told.</summary>
[ExportStore("shelf-announced")]
public sealed class AnnouncedShelfFactory : IStoreFactory
{
    public OptionSchema Options { get; } = new ShelfFactory().Options;

    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken) => new(ShelfFactory.Open(context));
}

/// <summary>The same, but it says that its data would be gone.</summary>
[ExportStore("shelf-gone")]
public sealed class GoneShelfFactory : IStoreFactory
{
    public OptionSchema Options { get; } = new ShelfFactory().Options;

    public StoreUpgrade Upgrade => StoreUpgrade.Refused;

    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken) => new(ShelfFactory.Open(context));
}

/// <summary>A filter that hands everything on.</summary>
[ExportStore("veil")]
public sealed class VeilFactory : IStoreFactory
{
    public OptionSchema Options { get; } = OptionSchema.Of();

    public int LowerCount => 1;

    public StoreUpgrade Upgrade => StoreUpgrade.Unnoticed;

    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken) => new(new VeilStore((IBlockStore)context.Lower[0]));
}
