using TgtModular.Tgt.Protocol;

namespace TgtModular.TgtSocket.Serving;

/// <summary>
/// The lock beside the socket: one daemon per control port, whoever made it. It is a record lock over the whole file, as lockf(3) takes it, so that ours
/// and C tgtd keep each other out; the kernel drops it when the process ends, however it does.
/// </summary>
internal sealed class SocketLock : IDisposable
{
    /// <summary>Whatever the umask: others may look at the directory, and neither put a socket of their own there nor, by reading, lock the file.</summary>
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode DirectoryMode = OwnerOnly | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly FileStream _file;

    private SocketLock(FileStream file) => _file = file;

    /// <summary>Takes the lock.</summary>
    /// <exception cref="IOException">Another daemon has it, or the file cannot be made.</exception>
    public static SocketLock Take(string socketPath)
    {
        string path = ManagementSocketPath.LockFor(socketPath);
        FileStream file;
        try
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } directory) _ = Directory.CreateDirectory(directory, DirectoryMode);
            file = new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.OpenOrCreate,
                Access = FileAccess.ReadWrite,
                Share = FileShare.ReadWrite | FileShare.Delete,
                BufferSize = 0,
                UnixCreateMode = OwnerOnly,
            });
        }
        catch (UnauthorizedAccessException)
        {
            throw new IOException($"{path}: permission denied; choose another place with {ManagementSocketPath.Variable}, or run as root");
        }

        try
        {
            file.Lock(0, 0); // to the end of the file, wherever that is
            return new SocketLock(file);
        }
        catch (IOException)
        {
            file.Dispose();
            throw new IOException($"another tgtd is using {path}; stop it first, or choose another control port with -C");
        }
    }

    /// <summary>Lets go. The file stays: to remove it would let two daemons lock two files of one name.</summary>
    public void Dispose() => _file.Dispose();
}
