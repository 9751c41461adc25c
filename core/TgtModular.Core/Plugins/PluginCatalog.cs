using System.Runtime.ExceptionServices;
using System.Runtime.Loader;
using Microsoft.Extensions.Logging;
using TgtModular.Core.Configuration;
using TgtModular.Toml;

namespace TgtModular.Core.Plugins;

/// <summary>
/// The plugins that were found. Manifests are read and folders taken up by <see cref="Scan"/> and <see cref="Rescan"/>; code is loaded when it is first asked for, each
/// plugin into a context of its own. Whatever is wrong with one is kept as its state, with cause and remedy, and concerns no other. Safe to use
/// from any thread.
/// </summary>
public sealed partial class PluginCatalog
{
    private readonly Lock _scanning = new();
    private readonly PluginScanner _scanner;
    private volatile IReadOnlyList<Plugin> _plugins;
    private volatile IReadOnlyList<PluginDirectoryProblem> _problems;
    private readonly PluginLoadServices _services;
    private readonly SuspectJournal? _suspects;
    private readonly ILogger _logger;

    private PluginCatalog(PluginScanner scanner, PluginCatalogOptions options, ILogger logger)
    {
        _scanner = scanner;
        _plugins = scanner.Plugins;
        _problems = scanner.Problems;
        _suspects = options.Suspects;
        _logger = logger;
        _services = new PluginLoadServices(HostAssemblies.Current, options.Suspects, options.LoadTimeout, (plugin, name) => LogTrespass(logger, plugin, name));
    }

    /// <summary>A plugin was fenced: what it made must not be called any more. Comes on the thread that fenced it.</summary>
    public event Action<PluginInfo>? Fenced;

    /// <summary>What lies in the plugin directories and is no plugin.</summary>
    public IReadOnlyList<PluginDirectoryProblem> Problems => _problems;

    /// <summary>Takes up what lies in the plugin directories; no code of a plugin runs.</summary>
    /// <exception cref="IOException">The directory of private copies cannot be used.</exception>
    /// <exception cref="PlatformNotSupportedException">The process is a self-contained one.</exception>
    public static PluginCatalog Scan(PluginCatalogOptions options, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(logger);
        var scanner = new PluginScanner(options, HostAssemblies.Current);
        scanner.Scan();
        scanner.BlameCrashes();
        if (options.RemoveUnusedCopies) scanner.RemoveUnusedCopies();
        var catalog = new PluginCatalog(scanner, options, logger);
        foreach (string crash in scanner.Crashes) LogCrash(logger, crash);
        catalog.LogFindings([], []);
        return catalog;
    }

    /// <summary>
    /// Looks at the plugin directories again. What is new and whole can be used at once; what is loaded stays as it is, whatever became of its folder.
    /// No code of a plugin runs.
    /// </summary>
    /// <exception cref="IOException">The directory of private copies cannot be used; everything is as before.</exception>
    public void Rescan()
    {
        lock (_scanning)
        {
            (IReadOnlyList<PluginInfo> before, IReadOnlyList<PluginDirectoryProblem> problems) = (GetPlugins(), _problems);
            _scanner.Scan();
            (_plugins, _problems) = (_scanner.Plugins, _scanner.Problems);
            LogFindings(before, problems);
        }
    }

    /// <summary>Every plugin found as it is now, in directory order.</summary>
    public IReadOnlyList<PluginInfo> GetPlugins() => [.. _plugins.Select(plugin => plugin.Info)];

    /// <summary>
    /// Finds a factory and loads its plugin when that was not done: of the plugins that export the name and match the version asked for, the highest. One
    /// that was taken up and then failed is not passed over: what it kept would be opened by an older version unasked.
    /// </summary>
    /// <typeparam name="TFactory">IStoreFactory, IDeviceTypeFactory or ITransportFactory.</typeparam>
    public PluginResolution<TFactory> Resolve<TFactory>(PluginReference reference)
        where TFactory : class
    {
        ArgumentNullException.ThrowIfNull(reference);
        var export = new PluginExport(PluginComposition.KindOf<TFactory>(), reference.Name);
        Plugin[] offering = [.. _plugins.Where(plugin => plugin.Info.Exports.Contains(export))];
        if (offering.All(plugin => plugin.Info.IsForgotten) && offering.Length > 0)
            return new PluginResolution<TFactory>(null, null, $"there is no {PluginExport.KindName(export.Kind)} '{reference}': plugin {offering[0].Info} was removed by 'tgtctl plugin remove'; copy its folder again to have it back");
        offering = [.. offering.Where(plugin => !plugin.Info.IsForgotten)];
        Plugin? chosen = offering
            .Where(plugin => plugin.IsTakenUp && (reference.Version is null || plugin.Info.Version!.Matches(reference.Version)))
            .MaxBy(plugin => (!plugin.Info.IsRemoved, plugin.Info.Version));
        if (chosen is null) return new PluginResolution<TFactory>(null, null, TellAbsent(export, reference, offering));
        PluginState before = chosen.Info.State;
        object? factory = chosen.GetFactory(export, _services);
        PluginInfo info = chosen.Info;
        if (before == PluginState.Available && info.State == PluginState.Loaded) LogLoaded(_logger, info, info.Directory);
        if (before == PluginState.Available && info.State == PluginState.Failed) LogFailed(_logger, info, info.Directory, info.Problem!);
        return factory is TFactory typed
            ? new PluginResolution<TFactory>(typed, info, "")
            : new PluginResolution<TFactory>(null, info, $"plugin {info} ({info.Directory}) is {Name(info.State)}: {info.Problem}");
    }

    /// <summary>Loads the code of every plugin that can be served, to find what only loading finds.</summary>
    public void LoadAll()
    {
        foreach (Plugin plugin in _plugins)
        {
            foreach (PluginExport export in plugin.Info.Exports) plugin.GetFactory(export, _services);
        }
    }

    /// <summary>Marks a call into a plugin that may end the process (open, create, start; loading does it by itself). Dispose when it returned.</summary>
    public IDisposable EnterCall(PluginInfo plugin) =>
        _suspects is not null && Find(plugin) is { } found ? _suspects.Enter(found.JournalKey) : NoMark.Instance;

    /// <summary>Asks nothing new of a plugin for the rest of this process; whoever uses it is told by <see cref="Fenced"/>.</summary>
    /// <param name="plugin">The plugin, known by its directory.</param>
    /// <param name="cause">What it did.</param>
    /// <returns>False when there is no such plugin, or it is not served anyway.</returns>
    public bool Fence(PluginInfo plugin, string cause)
    {
        if (Find(plugin) is not { } found || !found.Fail(PluginState.Fenced, new PluginFailure(cause, "restart the daemon when the plugin is mended"))) return false;
        LogFenced(_logger, found.Info, cause);
        Fenced?.Invoke(found.Info);
        return true;
    }

    /// <summary>
    /// Serves a plugin no more, although its folder is there. It comes back when the folder changes or is copied anew; code that is loaded stays in memory until the process ends.
    /// </summary>
    /// <returns>False when there is no such plugin.</returns>
    public bool Forget(PluginInfo plugin)
    {
        lock (_scanning)
        {
            if (Find(plugin) is not { } found) return false;
            found.Change(info => info with { IsForgotten = true });
            LogForgotten(_logger, found.Info, found.Info.Directory);
            return true;
        }
    }

    /// <summary>The plugin whose code the thread was started in that an exception came out of; null when it was not a plugin's own thread.</summary>
    public PluginInfo? FindThreadOwner(Exception exception)
    {
        AssemblyLoadContext? context = PluginFaults.FindThreadOwner(exception);
        return context is null ? null : _plugins.FirstOrDefault(plugin => plugin.LoadContext == context)?.Info;
    }

    /// <summary>
    /// From now on an unhandled exception on a plugin's own thread fences the plugin and ends that thread; on any other thread it ends the process as
    /// before. Once in a process.
    /// </summary>
    /// <exception cref="InvalidOperationException">The process has such a handler already.</exception>
    public void ContainThreadFaults() => ExceptionHandling.SetUnhandledExceptionHandler(TryContain);

    private bool TryContain(Exception exception)
    {
        if (FindThreadOwner(exception) is not { } plugin) return false;
        LogThreadFault(_logger, plugin, exception);
        Fence(plugin, $"a thread of it ended with {PluginFaults.Describe(exception)}");
        return true;
    }

    private Plugin? Find(PluginInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        return _plugins.FirstOrDefault(plugin => info.ContentHash.Length > 0 ? plugin.Info.ContentHash == info.ContentHash
            : plugin.Info.ContentHash.Length == 0 && plugin.Info.Directory == info.Directory);
    }

    private string TellAbsent(PluginExport export, PluginReference reference, Plugin[] offering)
    {
        string wanted = $"there is no {PluginExport.KindName(export.Kind)} '{reference}'";
        if (offering.FirstOrDefault(plugin => !plugin.IsTakenUp) is { } refused)
            return $"{wanted}: plugin {refused.Info} ({refused.Info.Directory}) was refused: {refused.Info.Problem}";
        if (offering.Length > 0) return $"{wanted}: there is version {string.Join(", ", offering.Select(plugin => plugin.Info.Version))}";
        string[] known = [.. _plugins.SelectMany(plugin => plugin.Info.Exports).Where(other => other.Kind == export.Kind).Select(other => other.Name).Distinct()];
        return Suggestions.Closest(reference.Name, known) is { } closest ? $"{wanted} (did you mean '{closest}'?)" : wanted;
    }

    /// <summary>Logs what was not known before.</summary>
    private void LogFindings(IReadOnlyList<PluginInfo> before, IReadOnlyList<PluginDirectoryProblem> problemsBefore)
    {
        foreach (PluginDirectoryProblem problem in _problems.Except(problemsBefore)) LogProblem(_logger, problem.Path, problem.Cause, problem.Remedy);
        foreach (PluginInfo plugin in GetPlugins())
        {
            PluginInfo? known = before.FirstOrDefault(other => other.Directory == plugin.Directory && other.ContentHash == plugin.ContentHash);
            if (plugin.IsRemoved && known is not { IsRemoved: true }) LogRemoved(_logger, plugin, plugin.Directory);
            if (known is not null && known.Problem == plugin.Problem) continue;
            if (plugin.IsServed) LogFound(_logger, plugin, plugin.Directory);
            else LogFailed(_logger, plugin, plugin.Directory, plugin.Problem!);
            foreach (string warning in plugin.Warnings) LogWarning(_logger, plugin, warning);
        }
    }

    private static string Name(PluginState state) => state.ToString().ToLowerInvariant();

    [LoggerMessage(EventId = 400, Level = LogLevel.Debug, Message = "plugin {Plugin} found in {Directory}")]
    private static partial void LogFound(ILogger logger, PluginInfo plugin, string directory);

    [LoggerMessage(EventId = 401, Level = LogLevel.Information, Message = "plugin {Plugin} loaded from {Directory}")]
    private static partial void LogLoaded(ILogger logger, PluginInfo plugin, string directory);

    [LoggerMessage(EventId = 402, Level = LogLevel.Error, Message = "plugin {Plugin} in {Directory} is not used: {Problem}")]
    private static partial void LogFailed(ILogger logger, PluginInfo plugin, string directory, string problem);

    [LoggerMessage(EventId = 403, Level = LogLevel.Warning, Message = "plugin {Plugin}: {Warning}")]
    private static partial void LogWarning(ILogger logger, PluginInfo plugin, string warning);

    [LoggerMessage(EventId = 404, Level = LogLevel.Warning, Message = "{Path}: {Cause}: {Remedy}")]
    private static partial void LogProblem(ILogger logger, string path, string cause, string remedy);

    [LoggerMessage(EventId = 405, Level = LogLevel.Error, Message = "plugin {Plugin} uses host assembly {Assembly}: it gets an empty one")]
    private static partial void LogTrespass(ILogger logger, PluginInfo plugin, string assembly);

    [LoggerMessage(EventId = 406, Level = LogLevel.Critical, Message = "plugin {Plugin} is fenced: {Cause}")]
    private static partial void LogFenced(ILogger logger, PluginInfo plugin, string cause);

    [LoggerMessage(EventId = 407, Level = LogLevel.Error, Message = "a thread of plugin {Plugin} threw")]
    private static partial void LogThreadFault(ILogger logger, PluginInfo plugin, Exception exception);

    [LoggerMessage(EventId = 409, Level = LogLevel.Critical, Message = "{Crash}")]
    private static partial void LogCrash(ILogger logger, string crash);

    [LoggerMessage(EventId = 408, Level = LogLevel.Warning, Message = "the folder of plugin {Plugin} ({Directory}) is gone or replaced: what is loaded serves on")]
    private static partial void LogRemoved(ILogger logger, PluginInfo plugin, string directory);

    [LoggerMessage(EventId = 412, Level = LogLevel.Information, Message = "plugin {Plugin} ({Directory}) was removed: it is not served until its folder changes")]
    private static partial void LogForgotten(ILogger logger, PluginInfo plugin, string directory);

    private sealed class NoMark : IDisposable
    {
        public static NoMark Instance { get; } = new();

        public void Dispose()
        {
        }
    }
}
