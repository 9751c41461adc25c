using TgtModular.Core.State;

namespace TgtModular.Core.Plugins;

/// <summary>
/// A folder that somebody dropped in. Nothing is loaded from it: it is only read, and only where nobody but its owner may write.
/// </summary>
internal sealed class PluginFolder
{
    /// <summary>Most bytes in one file of a plugin.</summary>
    public const long MaximumFileLength = 256L << 20;

    /// <summary>Most bytes in all files of a plugin.</summary>
    public const long MaximumLength = 1L << 30;

    private readonly string _root;
    private readonly HashSet<string> _checkedDirectories = new(StringComparer.Ordinal);

    private PluginFolder(string path, string root)
    {
        Path = path;
        _root = root;
    }

    /// <summary>The folder, as the configuration names it.</summary>
    public string Path { get; }

    /// <summary>Opens a folder.</summary>
    /// <returns>Null with the failure when it may not be used.</returns>
    public static PluginFolder? Open(string path, out PluginFailure? failure)
    {
        string root = PosixFile.GetRealPath(path);
        var folder = new PluginFolder(path, root);
        failure = CheckWritable(root, "folder");
        return failure is null ? folder : null;
    }

    /// <summary>Reads the manifest.</summary>
    /// <returns>Null with the failure when it is missing or may not be used.</returns>
    public byte[]? ReadManifest(out PluginFailure? failure)
    {
        if (Locate(PluginManifest.FileName, PluginManifestReader.MaximumLength, out failure) is not { } file) return null;
        byte[] content = File.ReadAllBytes(file);
        if (content.Length <= PluginManifestReader.MaximumLength) return content;
        failure = TooLarge(PluginManifest.FileName, PluginManifestReader.MaximumLength);
        return null;
    }

    /// <summary>Finds a file of the folder and checks that it is a plain file, in the folder, of bounded size, that others may not write.</summary>
    /// <returns>Its path with every link followed; null with the failure.</returns>
    public string? Locate(string relativePath, long maximumLength, out PluginFailure? failure)
    {
        string path = System.IO.Path.Combine(_root, relativePath);
        if (PosixFile.GetStatus(path) is null)
        {
            failure = new PluginFailure($"file '{relativePath}' is missing", "copy the plugin's folder again, whole");
            return null;
        }

        string real = PosixFile.GetRealPath(path);
        failure = CheckInside(relativePath, real) ?? CheckDirectories(real) ?? CheckFile(relativePath, real, maximumLength);
        return failure is null ? real : null;
    }

    /// <summary>Files and links in the folder that the manifest does not name: they are never loaded.</summary>
    public IReadOnlyList<string> FindUnlisted(PluginManifest manifest)
    {
        HashSet<string> listed = manifest.Files.Select(file => file.Path).Append(PluginManifest.FileName).ToHashSet(StringComparer.Ordinal);
        var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 16, AttributesToSkip = 0 };
        return [.. Directory.EnumerateFiles(_root, "*", options)
            .Take(2 * PluginManifestReader.MaximumFiles)
            .Select(path => System.IO.Path.GetRelativePath(_root, path))
            .Where(path => !listed.Contains(path))
            .Order(StringComparer.Ordinal)];
    }

    private PluginFailure? CheckInside(string relativePath, string real) => real.StartsWith(_root + "/", StringComparison.Ordinal)
        ? null
        : new PluginFailure($"'{relativePath}' is a link that leaves the folder", "put the file itself there");

    private PluginFailure? CheckDirectories(string real)
    {
        for (string directory = System.IO.Path.GetDirectoryName(real)!; directory.Length > _root.Length; directory = System.IO.Path.GetDirectoryName(directory)!)
        {
            if (_checkedDirectories.Contains(directory)) continue;
            if (CheckWritable(directory, "directory") is { } failure) return failure;
            _checkedDirectories.Add(directory);
        }

        return null;
    }

    private static PluginFailure? CheckFile(string relativePath, string real, long maximumLength)
    {
        if (PosixFile.GetStatus(real) is not { Kind: PosixFileKind.Regular } status)
            return new PluginFailure($"'{relativePath}' is not a plain file", "put the file itself there");
        if (status.Size > maximumLength) return TooLarge(relativePath, maximumLength);
        return CheckWritable(real, "file");
    }

    private static PluginFailure? CheckWritable(string path, string what) =>
        PosixFile.GetStatus(path) is { IsWritableByOthers: true }
            ? new PluginFailure($"{what} {path} can be written by its group or by everybody", $"chmod -R go-w {path}")
            : null;

    private static PluginFailure TooLarge(string relativePath, long maximum) =>
        new($"'{relativePath}' has more than {maximum} bytes", "remove it from the plugin");
}
