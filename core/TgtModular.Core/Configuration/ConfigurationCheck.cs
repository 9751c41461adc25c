using Microsoft.Extensions.Logging.Abstractions;
using TgtModular.Core.Plugins;

namespace TgtModular.Core.Configuration;

/// <summary>Checks a file without a daemon: plugins are loaded for their schemas from private copies that are gone afterwards; no device is opened.</summary>
public static class ConfigurationCheck
{
    /// <summary>
    /// The plugin directories of a daemon with that file, in the order they are searched: those of its caller, of the file, and beside the
    /// executable.
    /// </summary>
    public static IReadOnlyList<string> SearchPath(IEnumerable<string> first, DesiredState preamble)
    {
        ArgumentNullException.ThrowIfNull(preamble);
        string beside = Path.Combine(AppContext.BaseDirectory, "plugins");
        return [.. first.Concat(preamble.PluginDirectories).Append(beside).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>All that is wrong or doubtful with the file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="pluginDirectories">Searched before the directories in the file.</param>
    public static IReadOnlyList<ConfigurationProblem> Run(string path, IEnumerable<string> pluginDirectories)
    {
        ConfigurationDocument document = ConfigurationDocument.Load(path);
        DirectoryInfo copies = Directory.CreateTempSubdirectory("tgt-check-");
        try
        {
            var options = new PluginCatalogOptions(SearchPath(pluginDirectories, document.Preamble), copies.FullName);
            PluginCatalog catalog = PluginCatalog.Scan(options, NullLogger.Instance);
            return document.Bind(new PluginSource(catalog)).Problems;
        }
        finally
        {
            copies.Delete(recursive: true);
        }
    }
}
