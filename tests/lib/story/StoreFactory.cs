using Microsoft.Win32.SafeHandles;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace Acme.Example;

/// <summary>Opens stores: <c>[store.x] type = "acme-example"</c>.</summary>
[ExportStore("acme-example")]
public sealed class StoreFactory : IStoreFactory
{
    /// <inheritdoc/>
    public OptionSchema Options { get; } = OptionSchema.Of(
        new OptionDefinition("path", OptionType.Path, "The file.") { Required = true },
        new OptionDefinition("size", OptionType.Size, "Size in bytes.") { Required = true, Minimum = 512 });

    /// <inheritdoc/>
    /// <remarks>The data are in the file, and a flush has written them out: the next version finds them.</remarks>
    public StoreUpgrade Upgrade => StoreUpgrade.Unnoticed;

    /// <inheritdoc/>
    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        string path = context.Options.RequireText("path");
        try
        {
            SafeFileHandle file = File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            long size = context.Options.GetInteger("size");
            if (RandomAccess.GetLength(file) < size) RandomAccess.SetLength(file, size);
            return ValueTask.FromResult<IBackingStore>(new BlockStore(file));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new StoreOpenException(problem.Message, problem);
        }
    }
}
