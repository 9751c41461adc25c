using System.Globalization;
using TgtModular.Stores.Native;

namespace TgtModular.Stores;

/// <summary>Finds out from /proc/locks who holds the lock of a file, for the message.</summary>
/// <param name="Description">Process and name of the holder, as far as the kernel tells.</param>
/// <param name="WorthWaiting">How long the lock may be waited for; zero if its holder lives.</param>
internal sealed record LockHolder(string Description, TimeSpan WorthWaiting)
{
    /// <summary>
    /// A process that was killed is gone before its io_uring is, which the kernel takes down in its own time, and with it goes the lock.
    /// </summary>
    public static readonly TimeSpan Ended = TimeSpan.FromSeconds(5);

    /// <summary>Who holds it cannot be seen: another machine or container, or nobody any more, because it was given back between the two looks.</summary>
    public static readonly TimeSpan Unseen = TimeSpan.FromSeconds(1);

    /// <summary>Finds the holder.</summary>
    public static LockHolder Find(FileStatus status)
    {
        string identity = string.Create(CultureInfo.InvariantCulture, $"{status.HomeMajor:x2}:{status.HomeMinor:x2}:{status.Inode}");
        string[]? line = ReadLines("/proc/locks").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(fields => fields.Length > 5 && fields[1] == "FLOCK" && fields[5] == identity);
        if (line is null || !int.TryParse(line[4], CultureInfo.InvariantCulture, out int process)) return new("another process", Unseen);
        if (process == Environment.ProcessId) return new("another store of this daemon", TimeSpan.Zero);
        string? name = ReadLines($"/proc/{process}/comm").FirstOrDefault();
        if (name is not null) return new($"process {process} ({name})", TimeSpan.Zero);
        return new($"process {process}", process > 0 && !Directory.Exists($"/proc/{process}") ? Ended : TimeSpan.Zero);
    }

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            // Only the message is poorer for it: the process may be gone, or /proc not there.
            return [];
        }
    }
}
