using TgtModular.Plugins;
using TgtModular.Storage;
using TgtModular.Stores.Native;

namespace TgtModular.Stores;

/// <summary>Opens stores of type <c>file</c>.</summary>
[ExportStore("file")]
public sealed class FileStoreFactory : IStoreFactory
{
    /// <inheritdoc/>
    public OptionSchema Options => FileStoreOptions.Schema;

    /// <inheritdoc/>
    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        cancellationToken.ThrowIfCancellationRequested();
        return new(Open(context, default(LinuxSystemCalls)));
    }

    /// <summary>Opens with other system calls: for tests.</summary>
    internal static FileStore<TSystem> Open<TSystem>(StoreOpenContext context, TSystem system)
        where TSystem : struct, ISystemCalls
    {
        FileOpener opener = new(FileStoreOptions.Read(context.Options));
        OpenedFile file = opener.Open();
        return new FileStore<TSystem>(system, file, context);
    }
}
