namespace TgtModular.Lio.Fabrics;

/// <summary>What the kernel tells of the machine below /sys.</summary>
/// <param name="root">Where it is mounted.</param>
public sealed class Sysfs(string root = "/sys")
{
    /// <summary>Names in a directory; none when there is none.</summary>
    public IReadOnlyList<string> List(string path)
    {
        DirectoryInfo directory = new(Path.Combine(root, path));
        return directory.Exists ? [.. directory.EnumerateFileSystemInfos().Select(entry => entry.Name).Order(StringComparer.Ordinal)] : [];
    }

    /// <summary>True when there is such a file or directory.</summary>
    public bool Exists(string path) => Path.Exists(Path.Combine(root, path));

    /// <summary>An attribute; null when there is none, or it cannot be read now.</summary>
    public string? Read(string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, path)).Trim();
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }
}
