using TgtModular.Plugins;
using TgtModular.Storage;
using TgtModular.Stores.Native;
using TgtModular.Stores.Ring;

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
    internal static FileStore<TSystem> Open<TSystem>(StoreOpenContext context, TSystem system, bool wasThere = false, RingMaker? makeRing = null)
        where TSystem : struct, ISystemCalls
    {
        FileStoreOptions options = FileStoreOptions.Read(context.Options);
        OpenedFile file = new FileOpener(options, wasThere).Open();
        IRing? ring = null;
        if (options.Io != IoMode.Threads)
        {
            ring = (makeRing ?? KernelRing.TryCreate)(file.Descriptor, out string problem);
            if (ring is null && options.Io == IoMode.Ring)
            {
                FileOpener.ReleaseLock(file.Descriptor);
                _ = Libc.Close(file.Descriptor);
                throw new StoreOpenException($"io = \"ring\" cannot be had: {problem}. Use io = \"auto\" or \"threads\"");
            }

            if (ring is null) RingLog.NoRing(context.Host.Logger, context.Name, problem);
        }

        return new FileStore<TSystem>(system, file, context, ring);
    }
}
