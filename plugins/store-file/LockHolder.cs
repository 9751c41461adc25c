using System.Globalization;
using TgtModular.Stores.Native;

namespace TgtModular.Stores;

/// <summary>Finds out from /proc/locks who holds the lock of a file, for the message.</summary>
internal static class LockHolder
{
    /// <summary>Process and name of the holder, as far as the kernel tells.</summary>
    public static string Describe(FileStatus status)
    {
        string identity = string.Create(CultureInfo.InvariantCulture, $"{status.HomeMajor:x2}:{status.HomeMinor:x2}:{status.Inode}");
        string[]? line = ReadLines("/proc/locks").Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .FirstOrDefault(fields => fields.Length > 5 && fields[1] == "FLOCK" && fields[5] == identity);
        if (line is null || !int.TryParse(line[4], CultureInfo.InvariantCulture, out int process)) return "another process";
        if (process == Environment.ProcessId) return "another store of this daemon";
        string? name = ReadLines($"/proc/{process}/comm").FirstOrDefault();
        return name is null ? $"process {process}" : $"process {process} ({name})";
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
