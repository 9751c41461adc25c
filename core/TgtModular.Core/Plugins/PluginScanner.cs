using System.Security.Cryptography;
using TgtModular.Core.State;
using TgtModular.Plugins;

namespace TgtModular.Core.Plugins;

/// <summary>Takes up what lies in the plugin directories. No code of a plugin runs.</summary>
internal sealed class PluginScanner(PluginCatalogOptions options, HostAssemblies host)
{
    private const string CopyAgain = "copy the plugin's folder again, whole";

    private static readonly string[] LoaderSettings = [".runtimeconfig.json", ".runtimeconfig.dev.json"];

    private readonly PluginCopies _copies = new(options.CopyDirectory);
    private IReadOnlyList<Plugin> _known = [];
    private List<Plugin> _plugins = [];
    private List<PluginDirectoryProblem> _problems = [];
    private readonly List<string> _crashes = [];

    /// <summary>Every plugin found, in directory order, those that were refused too.</summary>
    public IReadOnlyList<Plugin> Plugins => _plugins;

    /// <summary>What is no plugin.</summary>
    public IReadOnlyList<PluginDirectoryProblem> Problems => _problems;

    /// <summary>How earlier daemons died and by whose code, for people.</summary>
    public IReadOnlyList<string> Crashes => _crashes;

    /// <summary>
    /// Looks through all directories. Again, it keeps what was taken up and is unchanged, and what is loaded whatever became of its folder; what is new
    /// or has changed is taken up when it is whole.
    /// </summary>
    public void Scan()
    {
        _known = _plugins;
        _plugins = [];
        _problems = [];
        HashSet<string> seen = new(StringComparer.Ordinal);
        foreach (string directory in options.Directories.Select(Path.GetFullPath))
        {
            try
            {
                if (OpenDirectory(directory) is { } real && seen.Add(real)) ScanDirectory(directory);
            }
            catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
            {
                _problems.Add(new PluginDirectoryProblem(directory, fault.Message, "let this user read it"));
            }
        }

        foreach (Plugin gone in _known.Where(plugin => plugin.IsTakenUp && !_plugins.Contains(plugin))) Retire(gone);
    }

    /// <summary>
    /// Lays earlier deaths to the plugins that caused them, before anything is loaded. A crash is that plugin's whose code is the innermost on the stack: libraries that several
    /// brought along, and the host, are passed over.
    /// </summary>
    public void BlameCrashes()
    {
        const int ShownFrames = 8;
        if (options.CrashReportDirectory is not { } directory) return;
        foreach (CrashReport report in CrashReports.Take(directory))
        {
            Plugin? culprit = report.Frames.Select(frame => _plugins.Where(plugin => plugin.Owns(frame)).Take(2).ToArray())
                .FirstOrDefault(owners => owners.Length == 1)?[0];
            if (culprit is not null) options.Suspects?.CountCrash(culprit.JournalKey);
            string who = culprit is null ? "of no plugin" : $"of plugin {culprit.Info}";
            IEnumerable<string> shown = report.Frames.Where(frame => frame.Module is not null).Select(frame => frame.Text).Take(ShownFrames);
            _crashes.Add($"an earlier daemon was ended by code {who}: {string.Join(" <- ", shown)}");
        }

        foreach (Plugin plugin in _plugins.Where(plugin => plugin.IsTakenUp)) CheckSuspect(plugin);
    }

    /// <summary>Removes the private copies of what is there no more. Before anything is loaded only.</summary>
    public void RemoveUnusedCopies() => _copies.RemoveUnused();

    /// <summary>Looks at one folder, wherever it lies.</summary>
    public Plugin Inspect(string directory) => Guard(directory);

    private string? OpenDirectory(string directory)
    {
        if (!Directory.Exists(directory))
        {
            _problems.Add(new PluginDirectoryProblem(directory, "there is no such directory", "make it, or take it out of plugin_directories"));
            return null;
        }

        string real = PosixFile.GetRealPath(directory);
        if (PosixFile.GetStatus(real) is not { IsWritableByOthers: true }) return real;
        _problems.Add(new PluginDirectoryProblem(directory, "it can be written by its group or by everybody", $"chmod go-w {directory}"));
        return null;
    }

    private void ScanDirectory(string directory)
    {
        foreach (string path in Directory.GetFileSystemEntries(directory).Order(StringComparer.Ordinal))
        {
            if (Path.GetFileName(path).StartsWith('.')) continue;
            if (Directory.Exists(path)) ScanFolder(path);
            else _problems.Add(new PluginDirectoryProblem(path, "it is not a plugin's folder", "take it away"));
        }
    }

    private void ScanFolder(string directory)
    {
        string? mark = FolderMark.Of(directory); // Before it is read: what changes meanwhile is seen by the next scan.
        Plugin? current = _known.FirstOrDefault(plugin => plugin.IsTakenUp && !plugin.Info.IsRemoved && plugin.Info.Directory == directory);
        if (current is not null && mark is not null && current.FolderMark == mark)
        {
            _plugins.Add(current);
            return;
        }

        Plugin found = Guard(directory);
        if (found.IsTakenUp && FindKnown(found.Info.ContentHash) is { } same)
        {
            same.Change(info => info with { Directory = directory, IsRemoved = false, IsForgotten = false });
            found = same;
        }

        if (found.IsTakenUp) found.FolderMark = mark;
        else if (current is not null) _plugins.Add(current); // Half a copy over it, perhaps: the private copy serves until there is a whole one.
        _plugins.Add(found);
    }

    private Plugin? FindKnown(string contentHash) => _known.FirstOrDefault(plugin => plugin.IsTakenUp && plugin.Info.ContentHash == contentHash);

    private void Retire(Plugin plugin)
    {
        if (plugin.TryRetire()) return;
        plugin.Change(info => info with { IsRemoved = true });
        _plugins.Add(plugin);
    }

    private Plugin Guard(string directory)
    {
        try
        {
            return TakeUp(directory);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return Plugin.Refused(directory, null, new PluginFailure(fault.Message, CopyAgain));
        }
    }

    private Plugin TakeUp(string directory)
    {
        if (PluginFolder.Open(directory, out PluginFailure? failure) is not { } folder || folder.ReadManifest(out failure) is not { } text)
            return Plugin.Refused(directory, null, failure!);
        string fileName = Path.Combine(directory, PluginManifest.FileName);
        if (PluginManifestReader.Read(text, fileName, out IReadOnlyList<string> errors) is not { } manifest)
            return Plugin.Refused(directory, null, new PluginFailure(string.Join("; ", errors), "build the plugin again"));
        string contentHash = Convert.ToHexStringLower(SHA256.HashData(text));
        failure = CheckContract(manifest) ?? CheckLoaderSettings(manifest) ?? CheckDuplicate(directory, manifest, contentHash);
        if (failure is not null ||
            _copies.Take(folder, manifest, contentHash, out failure) is not { } copy ||
            AssemblyInspector.Inspect(copy, manifest, host, out failure) is not { } inspection)
            return Plugin.Refused(directory, manifest, failure!);
        Plugin plugin = Plugin.TakenUp(directory, manifest, contentHash, copy, inspection);
        if (folder.FindUnlisted(manifest) is { Count: > 0 } unlisted)
            plugin.Change(info => info with { Warnings = [.. info.Warnings, $"not in the manifest and not used: {Shorten(unlisted)}"] });
        CheckSuspect(plugin);
        return plugin;
    }

    private static PluginFailure? CheckContract(PluginManifest manifest) => manifest.Contract.Contains(Contract.Version)
        ? null
        : new PluginFailure(
            $"it works with contract {manifest.Contract}; this host has {Contract.Version}",
            manifest.Contract.Below <= Contract.Version ? "get a newer version of the plugin" : "use a newer host");

    /// <summary>A runtime configuration beside the assembly can send the loader to directories outside the folder.</summary>
    private static PluginFailure? CheckLoaderSettings(PluginManifest manifest) =>
        manifest.Files.FirstOrDefault(file => LoaderSettings.Any(suffix => file.Path.EndsWith(suffix, StringComparison.OrdinalIgnoreCase))) is { } file
            ? new PluginFailure($"'{file.Path}' would tell the loader to look outside the plugin's folder", "leave it out: a plugin has no runtime configuration of its own")
            : null;

    private PluginFailure? CheckDuplicate(string directory, PluginManifest manifest, string contentHash)
    {
        IEnumerable<Plugin> rivals = _plugins.Where(plugin => plugin.IsTakenUp).Union(_known.Where(plugin => IsRival(plugin, directory, contentHash)));
        foreach (Plugin other in rivals.Where(plugin => plugin.Info.Version == manifest.Version))
        {
            if (other.Info.Exports.Intersect(manifest.Exports).FirstOrDefault() is not { } export) continue;
            return other.Info.IsRemoved || other.Info.Directory == directory
                ? new PluginFailure($"{export} {manifest.Version} is loaded already, with other content", "give what is new a higher version, or restart the daemon")
                : new PluginFailure($"{export} {manifest.Version} is both in {other.Info.Directory} and in {directory}; the first serves", "remove one of the two");
        }

        return null;
    }

    /// <summary>Whether a plugin of the scan before stands in the way of the one in a folder.</summary>
    private static bool IsRival(Plugin known, string directory, string contentHash)
    {
        if (!known.IsTakenUp) return false;
        bool elsewhere = known.Info.Directory != directory && !known.Info.IsRemoved && Directory.Exists(known.Info.Directory);
        return known.Info.ContentHash == contentHash ? elsewhere : elsewhere || known.IsInProcess;
    }

    private void CheckSuspect(Plugin plugin)
    {
        if (options.Suspects?.IsSuspect(plugin.JournalKey) != true) return;
        plugin.Fail(PluginState.Suspect, new PluginFailure(
            "the daemon died twice in a row while in a call of this plugin",
            $"replace it by another version, or clear the mark (remove {options.Suspects.FilePath} while the daemon is stopped)"));
    }

    private static string Shorten(IReadOnlyList<string> names)
    {
        const int Shown = 5;
        return string.Join(", ", names.Take(Shown)) + (names.Count > Shown ? $" and {names.Count - Shown} more" : "");
    }
}
