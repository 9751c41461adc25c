using System.Globalization;
using TgtModular.Stores.Native;

namespace TgtModular.Stores;

/// <summary>Finds out from /proc/locks who holds the lock of a file, for the message.</summary>
/// <param name="Description">Process and name of the holder, as far as the kernel tells.</param>
/// <param name="HasEnded">The process is no more, and the kernel has not let go of its file yet.</param>
internal sealed record LockHolder(string Description, bool HasEnded)
{
    /// <summary>Finds the holder.</summary>
    public static LockHolder Find(FileStatus status)
    {
        string identity = string.Create(CultureInfo.InvariantCulture, $"{status.HomeMajor:x2}:{status.HomeMinor:x2}:{status.Inode}");
        string[]? line = ReadLines("/proc/locks").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(fields => fields.Length > 5 && fields[1] == "FLOCK" && fields[5] == identity);
        if (line is null || !int.TryParse(line[4], CultureInfo.InvariantCulture, out int process)) return new("another process", false);
        if (process == Environment.ProcessId) return new("another store of this daemon", false);
        string? name = ReadLines($"/proc/{process}/comm").FirstOrDefault();
        return name is null ? new($"process {process}", process > 0 && !Directory.Exists($"/proc/{process}")) : new($"process {process} ({name})", false);
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
