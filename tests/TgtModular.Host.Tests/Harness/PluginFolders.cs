namespace TgtModular.Host.Tests.Harness;

/// <summary>Folders of our own plugins, dropped in as a user would.</summary>
internal static class PluginFolders
{
    private const UnixFileMode NobodyElseWrites = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>Copies a plugin of the tree into a directory of plugins.</summary>
    /// <returns>The folder.</returns>
    public static string Copy(string plugin, string directory, string? name = null)
    {
        string source = Path.Combine(Tree.Plugins, plugin);
        string target = Path.Combine(directory, name ?? plugin);
        foreach (string file in Directory.GetFiles(source, "*", SearchOption.AllDirectories))
        {
            string path = Path.Combine(target, Path.GetRelativePath(source, file));
            _ = Directory.CreateDirectory(directory, NobodyElseWrites);
            _ = Directory.CreateDirectory(target, NobodyElseWrites);
            _ = Directory.CreateDirectory(Path.GetDirectoryName(path)!, NobodyElseWrites);
            File.Copy(file, path, overwrite: true);
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        return target;
    }
}
