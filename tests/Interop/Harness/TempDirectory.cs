namespace TgtModular.Interop.Harness;

/// <summary>A directory that goes with the test; on a tmpfs where there is one. The name is short: socket addresses hold 107 bytes.</summary>
internal sealed class TempDirectory : IDisposable
{
    private const string SharedMemory = "/dev/shm";

    public TempDirectory()
    {
        string parent = Directory.Exists(SharedMemory) ? SharedMemory : System.IO.Path.GetTempPath();
        Path = System.IO.Path.Combine(parent, $"tgt-{System.IO.Path.GetRandomFileName()}");
        _ = Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public string Path { get; }

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Writes a file, with the directories above it.</summary>
    public string Write(string name, string text)
    {
        string file = File(name);
        _ = Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
        System.IO.File.WriteAllText(file, text);
        return file;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
