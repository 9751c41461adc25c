namespace TgtModular.Core.State;

/// <summary>Files that are replaced whole or not at all, also across a power cut.</summary>
internal static class DurableFile
{
    private const UnixFileMode PrivateDirectory = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const UnixFileMode PrivateFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// Replaces a file: a temporary file beside it is written and made durable, renamed over it, and the directory made durable. One writer for each path
    /// at a time. What an interrupted replacement left behind is overwritten by the next.
    /// </summary>
    /// <exception cref="IOException">It failed; the old content is still there.</exception>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        string temporary = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.new");
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0, UnixCreateMode = PrivateFile };
        using (var file = new FileStream(temporary, options))
        {
            file.Write(content);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
        PosixFile.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Removes a file durably; nothing happens when there is none.</summary>
    public static void Remove(string path)
    {
        if (!File.Exists(path)) return;
        File.Delete(path);
        PosixFile.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Makes a directory, and those above it, durably and for this user alone; one that exists is left as it is.</summary>
    public static void MakeDirectory(string path)
    {
        if (Directory.Exists(path)) return;
        string? parent = Path.GetDirectoryName(path);
        if (parent is not null) MakeDirectory(parent);
        Directory.CreateDirectory(path, PrivateDirectory);
        if (parent is not null) PosixFile.SyncDirectory(parent);
    }
}
