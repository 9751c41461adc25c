using System.Globalization;

namespace TgtModular.Daemon.Hosting;

/// <summary>Sees to it that one thing is used by one daemon: a file that is locked while the daemon lives, whatever ends it.</summary>
internal sealed class InstanceLock : IDisposable
{
    private readonly FileStream _file;

    private InstanceLock(FileStream file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <param name="path">Its file; made when it is not there.</param>
    /// <param name="what">What it protects, for the message.</param>
    /// <exception cref="StartFailedException">Another process has it, or the file cannot be made.</exception>
    public static InstanceLock Take(string path, string what)
    {
        try
        {
            _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.None,
                BufferSize = 0,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite, // whoever can read it can lock it
            });
            File.WriteAllText(ProcessFile(path), Environment.ProcessId.ToString(CultureInfo.InvariantCulture));
            return new InstanceLock(file);
        }
        catch (UnauthorizedAccessException)
        {
            throw new StartFailedException($"{path}: permission denied; run as its owner, or choose another with --state-directory and --control-socket");
        }
        catch (IOException) when (OwnerOf(path) is { } owner)
        {
            throw new StartFailedException($"another tgtd{owner} uses {what}; stop it first, or give this one a --state-directory of its own");
        }
        catch (IOException fault)
        {
            throw new StartFailedException($"{path}: {fault.Message}");
        }
    }

    /// <summary>Lets go. The file stays: to remove it would let two daemons lock two files of one name.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>Null when nobody has the lock: then something else is wrong with the file.</summary>
    private static string? OwnerOf(string path)
    {
        if (!File.Exists(path)) return null;
        try
        {
            using FileStream probe = new(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return null;
        }
        catch (IOException)
        {
            return ReadProcessId(path);
        }
    }

    private static string ReadProcessId(string path)
    {
        string file = ProcessFile(path);
        return File.Exists(file) && int.TryParse(File.ReadAllText(file), NumberStyles.None, CultureInfo.InvariantCulture, out int process)
            ? $" (process {process})" : "";
    }

    /// <summary>A file of its own: the locked one cannot even be read by others.</summary>
    private static string ProcessFile(string path) => Path.ChangeExtension(path, ".pid");
}

/// <summary>The daemon cannot start; the message tells an administrator why.</summary>
internal sealed class StartFailedException(string message) : Exception(message);
