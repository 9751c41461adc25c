using System.Runtime.InteropServices;
using TgtModular.Storage;
using TgtModular.Stores.Native;

namespace TgtModular.Stores;

/// <summary>Opens, creates, locks and sizes the file of one store; every refusal says what is wrong and what to do.</summary>
/// <param name="options">The store's options.</param>
/// <param name="wasThere">The file was there at an earlier start: it is not created again.</param>
internal sealed unsafe class FileOpener(FileStoreOptions options, bool wasThere)
{
    private const uint OwnerOnly = 0x180; // 0600: an image holds somebody's data
    private const int LockShared = 1;
    private const int LockExclusive = 2;
    private const int LockNoWait = 4;
    private const int Unlock = 8;
    private const int CurrentDirectory = -100; // AT_FDCWD

    private string Path => options.Path;

    /// <summary>How long it may be worth while to try again after <see cref="Open"/> was refused: what stands in the way may be passing.</summary>
    public TimeSpan WorthWaiting { get; private set; }

    public OpenedFile Open()
    {
        WorthWaiting = TimeSpan.Zero;
        if (!Environment.Is64BitProcess) throw Refuse("store-file needs a 64-bit process");
        // open(2): O_EXCL on a block device claims it, as a mount does.
        bool claimed = IsDevice() && options is { ReadOnly: false, Lock: true };
        int descriptor = OpenOrCreate(claimed, out bool created);
        bool removable = false;
        try
        {
            FileStatus status = GetStatus(descriptor);
            RequireKnownKind(status);
            if (options.Lock) TakeLock(descriptor, status);
            // Not before the lock is ours: another daemon may have taken the new file over.
            removable = created && options.Lock;
            long length = status.IsBlockDevice ? CheckDevice(descriptor) : SizeFile(descriptor, status.Size, created);
            OpenedFile file = FileProbe.Describe(descriptor, options, GetStatus(descriptor), length) ?? throw RefuseDirect();
            return file.Length > 0 ? file : throw Refuse($"{Path} is shorter than the {file.Info.Alignment} bytes that direct I/O moves at once");
        }
        catch
        {
            ReleaseLock(descriptor);
            _ = Libc.Close(descriptor);
            if (removable) _ = Libc.Unlink(Path);
            throw;
        }
    }

    /// <summary>
    /// Gives the lock back before the descriptor is closed: closing alone would leave it to a child of another thread that has been forked and has not yet
    /// begun its program.
    /// </summary>
    public static void ReleaseLock(int descriptor) => _ = Libc.Lock(descriptor, Unlock);

    /// <summary>Looks before it opens: opening a FIFO would wait for a writer.</summary>
    private bool IsDevice()
    {
        FileStatus status;
        if (Libc.GetStatus(CurrentDirectory, Path, 0, FileStatus.Wanted, &status) != 0) return false;
        RequireKnownKind(status);
        return status.IsBlockDevice;
    }

    private void RequireKnownKind(FileStatus status)
    {
        if (status.IsDirectory) throw Refuse($"{Path} is a directory: name a file or a block device");
        if (!status.IsRegular && !status.IsBlockDevice) throw Refuse($"{Path} is neither a file nor a block device");
    }

    private int OpenOrCreate(bool claimed, out bool created)
    {
        created = false;
        int flags = OpenFlags.CloseOnExec | (options.ReadOnly ? OpenFlags.ReadOnly : OpenFlags.ReadWrite) | OpenFlags.Of(options.Cache);
        int descriptor = Libc.Open(Path, claimed ? flags | OpenFlags.Exclusive : flags, 0);
        if (descriptor < 0 && claimed && Marshal.GetLastPInvokeError() == ErrorNumber.Busy) throw ExplainBusy(flags);
        if (descriptor < 0 && Marshal.GetLastPInvokeError() == ErrorNumber.NoEntry && MayCreate)
        {
            descriptor = Libc.Open(Path, flags | OpenFlags.Create | OpenFlags.Exclusive, OwnerOnly);
            created = descriptor >= 0;
        }

        return descriptor >= 0 ? descriptor : throw ExplainOpen(Marshal.GetLastPInvokeError());
    }

    /// <summary>Another store, whose lock tells more, or the kernel itself.</summary>
    private StoreOpenException ExplainBusy(int flags)
    {
        int descriptor = Libc.Open(Path, flags, 0);
        if (descriptor < 0) return ExplainOpen(Marshal.GetLastPInvokeError());
        try
        {
            TakeLock(descriptor, GetStatus(descriptor));
        }
        finally
        {
            _ = Libc.Close(descriptor);
        }

        // Or the lock was given back just now, and the claim is about to be.
        WorthWaiting = LockHolder.Unseen;
        return Refuse($"{Path} is in use by this system: mounted, or part of a volume group, an array or a mapping. Two writers would destroy the data; " +
            "end that use, or open it with read_only = true");
    }

    private bool MayCreate => options is { ReadOnly: false, Size: not null } && (!wasThere || options.Recreate);

    private StoreOpenException ExplainOpen(int error) => error switch
    {
        ErrorNumber.NoEntry when wasThere => Refuse(
            $"{Path} is missing, and was there before: is its file system mounted? An empty disk in its place would look like lost data; " +
            "to begin with one, set recreate = true"),
        ErrorNumber.NoEntry when options.ReadOnly => Refuse($"{Path} does not exist, and read_only forbids to create it"),
        ErrorNumber.NoEntry when options.Size is null => Refuse($"{Path} does not exist: give a size to have it created"),
        ErrorNumber.NoEntry => Refuse($"the directory of {Path} does not exist"),
        ErrorNumber.ReadOnlyFileSystem => Refuse($"{Path} lies on a read-only file system: set read_only = true"),
        ErrorNumber.InvalidArgument when options.Cache == CacheMode.Direct =>
            RefuseDirect(),
        _ => Refuse($"cannot open {Path}: {ErrorNumber.Describe(error)}"),
    };

    private void TakeLock(int descriptor, FileStatus status)
    {
        int mode = options.ReadOnly ? LockShared : LockExclusive;
        while (Libc.Lock(descriptor, mode | LockNoWait) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error == ErrorNumber.Interrupted) continue;
            LockHolder holder = LockHolder.Find(status);
            if (error == ErrorNumber.WouldBlock) WorthWaiting = holder.WorthWaiting;
            throw Refuse(error == ErrorNumber.WouldBlock
                ? $"{Path} is in use: {holder.Description} holds its lock. Two writers would destroy the data; stop the other, " +
                  "or open both with read_only = true"
                : $"cannot lock {Path}: {ErrorNumber.Describe(error)}; set lock = false if its file system has no locks");
        }
    }

    private long CheckDevice(int descriptor)
    {
        long length = BlockDevice.GetLength(descriptor);
        if (length < 0) throw Refuse($"cannot read the size of {Path}: {ErrorNumber.Describe((int)-length)}");
        if (length == 0) throw Refuse($"{Path} has no medium, or a size of 0");
        if (options.Preallocate) throw Refuse($"{Path} is a block device: preallocate is for files");
        if (options.Size is { } size && size != length) throw Refuse($"{Path} is a block device of {length} bytes, not of {size}: leave size out");
        return length;
    }

    private long SizeFile(int descriptor, long length, bool created)
    {
        if (options.Size is not { } size)
        {
            return length > 0 ? length : throw Refuse($"{Path} is empty: give a size");
        }

        if (size < length)
            throw Refuse($"{Path} has {length} bytes, size says {size}: nothing is cut off here. Leave size out, or shrink the file on purpose");
        if (size > length)
        {
            if (options.ReadOnly) throw Refuse($"{Path} has {length} bytes, size says {size}, and read_only forbids to extend it");
            Check(Libc.Truncate(descriptor, size), "extend");
        }

        if (options is { Preallocate: true, ReadOnly: false }) Check(Libc.Allocate(descriptor, 0, 0, size), "preallocate");
        if (size > length) Check(Libc.Sync(descriptor), "write the new size of");
        if (created) SyncDirectory();
        return size;
    }

    /// <summary>The new name is durable before anything is acknowledged under it.</summary>
    private void SyncDirectory()
    {
        string directory = System.IO.Path.GetDirectoryName(Path) ?? "/";
        int descriptor = Libc.Open(directory, OpenFlags.ReadOnly | OpenFlags.CloseOnExec, 0);
        Check(descriptor, "open the directory of");
        try
        {
            Check(Libc.Sync(descriptor), "make durable the name of");
        }
        finally
        {
            _ = Libc.Close(descriptor);
        }
    }

    private FileStatus GetStatus(int descriptor)
    {
        Check(FileStatus.Get(descriptor, out FileStatus status), "examine");
        return status;
    }

    private void Check(int result, string action)
    {
        if (result < 0) throw Refuse($"cannot {action} {Path}: {ErrorNumber.Describe(Marshal.GetLastPInvokeError())}");
    }

    private StoreOpenException RefuseDirect() => Refuse($"{Path} has no direct I/O on its file system: set cache = \"buffered\" or \"sync\"");

    private static StoreOpenException Refuse(string problem) => new(problem);
}
