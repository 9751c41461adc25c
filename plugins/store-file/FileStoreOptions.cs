using TgtModular.Plugins;

namespace TgtModular.Stores;

/// <summary>How writes reach the medium.</summary>
internal enum CacheMode
{
    /// <summary>Through the page cache; flush is fdatasync.</summary>
    Buffered,

    /// <summary>Past the page cache (O_DIRECT); the device's own cache stays, flush is fdatasync.</summary>
    Direct,

    /// <summary>Every write is stable when it completes (O_DSYNC).</summary>
    Sync,
}

/// <summary>Who waits for the device.</summary>
internal enum IoMode
{
    /// <summary>Worker threads.</summary>
    Threads,

    /// <summary>The kernel, by io_uring.</summary>
    Ring,

    /// <summary>The ring if the kernel has it, else threads.</summary>
    Auto,
}

/// <summary>The options of a store of type <c>file</c>.</summary>
internal sealed record FileStoreOptions(string Path, long? Size, CacheMode Cache, IoMode Io, bool ReadOnly, bool Lock, bool Preallocate, bool Recreate)
{
    public static OptionSchema Schema { get; } = OptionSchema.Of(
        new OptionDefinition("path", OptionType.Path, "The file or block device.") { Required = true },
        new OptionDefinition(
            "size", OptionType.Size, "Size; a missing file is created, a shorter one grows, a longer one is refused. Without it: the size it has.")
        {
            Minimum = 1,
        },
        new OptionDefinition("cache", OptionType.Choice, "How writes reach the medium.")
        {
            Default = "buffered",
            Choices = ["buffered", "direct", "sync"],
        },
        new OptionDefinition("io", OptionType.Choice, "Who waits for the device: worker threads, or the kernel by io_uring.")
        {
            Default = "threads",
            Choices = ["threads", "ring", "auto"],
        },
        new OptionDefinition("read_only", OptionType.Boolean, "Opens for reading only.") { Default = false },
        new OptionDefinition("lock", OptionType.Boolean, "Locks the file, so that no second daemon writes to it.") { Default = true },
        new OptionDefinition("preallocate", OptionType.Boolean, "Allocates all space at once: writes never run out of it, discards give none back.")
        {
            Default = false,
        },
        new OptionDefinition("recreate", OptionType.Boolean, "Creates a missing file, empty, even if it was there at an earlier start.") { Default = false });

    public static FileStoreOptions Read(OptionValues values) => new(
        System.IO.Path.GetFullPath(values.RequireText("path")),
        values.Has("size") ? values.GetInteger("size") : null,
        Enum.Parse<CacheMode>(values.RequireText("cache"), ignoreCase: true),
        Enum.Parse<IoMode>(values.RequireText("io"), ignoreCase: true),
        values.GetBoolean("read_only"),
        values.GetBoolean("lock"),
        values.GetBoolean("preallocate"),
        values.GetBoolean("recreate"));
}
