using System.Globalization;

namespace TgtModular.Core.Plugins;

/// <summary>What a folder looks like from outside, to see cheaply that nothing in it has changed since.</summary>
internal static class FolderMark
{
    /// <summary>Names, lengths and times of all files; null when they cannot be had.</summary>
    public static string? Of(string directory)
    {
        try
        {
            var options = new EnumerationOptions { RecurseSubdirectories = true, MaxRecursionDepth = 16, AttributesToSkip = 0 };
            return string.Join('\n', new DirectoryInfo(directory).EnumerateFiles("*", options)
                .Take(2 * PluginManifestReader.MaximumFiles)
                .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}"))
                .Order(StringComparer.Ordinal));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
