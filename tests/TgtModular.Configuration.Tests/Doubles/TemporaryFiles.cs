namespace TgtModular.Configuration.Tests.Doubles;

/// <summary>A directory that is gone after the test.</summary>
internal sealed class TemporaryFiles : IDisposable
{
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("tgt-configuration-");

    public string Path(string name) => System.IO.Path.Combine(_directory.FullName, name);

    public void Write(string name, string content, UnixFileMode mode)
    {
        File.WriteAllText(Path(name), content);
        File.SetUnixFileMode(Path(name), mode);
    }

    public void Dispose() => _directory.Delete(recursive: true);
}
