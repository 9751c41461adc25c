namespace TgtModular.Stores.Tests;

/// <summary>A directory that goes away with the test.</summary>
internal sealed class ScratchDirectory : IDisposable
{
    public ScratchDirectory() => Root = Directory.CreateTempSubdirectory("tgt-stores-").FullName;

    public string Root { get; }

    public string Combine(string name) => Path.Combine(Root, name);

    public void Dispose() => Directory.Delete(Root, recursive: true);
}
