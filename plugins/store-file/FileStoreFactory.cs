using System.Diagnostics;
using TgtModular.Plugins;
using TgtModular.Storage;
using TgtModular.Stores.Native;
using TgtModular.Stores.Ring;

namespace TgtModular.Stores;

/// <summary>Opens stores of type <c>file</c>.</summary>
[ExportStore("file")]
public sealed class FileStoreFactory : IStoreFactory
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(10);

    /// <inheritdoc/>
    public OptionSchema Options => FileStoreOptions.Schema;

    /// <inheritdoc/>
    public StoreUpgrade Upgrade => StoreUpgrade.Unnoticed;

    /// <inheritdoc/>
    /// <remarks>Space for a large file is allocated at opening (<c>preallocate</c>), and a file system of a network may come late.</remarks>
    public TimeSpan OpeningLimit => TimeSpan.FromMinutes(10);

    /// <inheritdoc/>
    public async ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        cancellationToken.ThrowIfCancellationRequested();
        SeenFile seen = new(context.Host.Journal);
        FileStoreOptions options = FileStoreOptions.Read(context.Options);
        string path = options.Path;
        bool wasThere = await seen.IsAsync(path, cancellationToken);
        OpenedFile file = await OpenFileAsync(new FileOpener(options, wasThere), cancellationToken);
        FileStore<LinuxSystemCalls> store = Serve(context, default(LinuxSystemCalls), options, file, KernelRing.TryCreate);
        if (!wasThere) await seen.SetAsync(path, CancellationToken.None);
        return store;
    }

    /// <summary>Opens with other system calls: for tests.</summary>
    internal static FileStore<TSystem> Open<TSystem>(StoreOpenContext context, TSystem system, bool wasThere = false, RingMaker? makeRing = null)
        where TSystem : struct, ISystemCalls
    {
        FileStoreOptions options = FileStoreOptions.Read(context.Options);
        return Serve(context, system, options, new FileOpener(options, wasThere).Open(), makeRing ?? KernelRing.TryCreate);
    }

    /// <summary>A lock that a killed daemon has left to the kernel is waited for by the one that comes after it.</summary>
    private static async ValueTask<OpenedFile> OpenFileAsync(FileOpener opener, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                return opener.Open();
            }
            catch (StoreOpenException) when (Stopwatch.GetElapsedTime(start) < opener.WorthWaiting)
            {
                await Task.Delay(Step, cancellationToken);
            }
        }
    }

    private static FileStore<TSystem> Serve<TSystem>(StoreOpenContext context, TSystem system, FileStoreOptions options, OpenedFile file, RingMaker makeRing)
        where TSystem : struct, ISystemCalls
    {
        IRing? ring = null;
        if (options.Io != IoMode.Threads)
        {
            ring = makeRing(file.Descriptor, out string problem);
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
