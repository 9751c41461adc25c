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
    public async ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        cancellationToken.ThrowIfCancellationRequested();
        SeenFile seen = new(context.Host.Journal);
        string path = FileStoreOptions.Read(context.Options).Path;
        bool wasThere = await seen.IsAsync(path, cancellationToken);
        FileStore<LinuxSystemCalls> store = Open(context, default(LinuxSystemCalls), wasThere);
        if (!wasThere) await seen.SetAsync(path, CancellationToken.None);
        return store;
    }

    /// <summary>Opens with other system calls: for tests.</summary>
    internal static FileStore<TSystem> Open<TSystem>(StoreOpenContext context, TSystem system, bool wasThere = false)
        where TSystem : struct, ISystemCalls
    {
        FileOpener opener = new(FileStoreOptions.Read(context.Options), wasThere);
        OpenedFile file = opener.Open();
        return new FileStore<TSystem>(system, file, context);
    }
}
