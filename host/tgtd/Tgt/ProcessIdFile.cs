using System.Globalization;
using TgtModular.Daemon.Hosting;

namespace TgtModular.Daemon.Tgt;

/// <summary>The file that says which process serves (<c>-p</c>): there while the daemon serves, and written by nobody else, as init scripts go by it.</summary>
internal sealed class ProcessIdFile : IDisposable
{
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly string _path;

    private ProcessIdFile(string path) => _path = path;

    private static string Content => string.Create(CultureInfo.InvariantCulture, $"{Environment.ProcessId}\n");

    /// <summary>Writes it.</summary>
    /// <exception cref="StartFailedException">It cannot be written.</exception>
    public static ProcessIdFile Write(string path)
    {
        try
        {
            using FileStream file = new(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, UnixCreateMode = Mode });
            using StreamWriter writer = new(file);
            writer.Write(Content);
            return new ProcessIdFile(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StartFailedException($"the process id cannot be written to {path}: {fault.Message}");
        }
    }

    /// <summary>Removes it, unless another daemon has written it since.</summary>
    public void Dispose()
    {
        try
        {
            if (File.ReadAllText(_path) == Content) File.Delete(_path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            // It is gone, or somebody else's by now.
        }
    }
}
