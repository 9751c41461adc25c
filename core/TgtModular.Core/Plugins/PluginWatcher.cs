using Microsoft.Extensions.Logging;

namespace TgtModular.Core.Plugins;

/// <summary>
/// Has the catalog look again when something changes in a plugin directory, once it has been still for a moment; and now and then anyway, as notifications
/// can be lost and a directory may come only later.
/// </summary>
public sealed partial class PluginWatcher : IDisposable
{
    /// <summary>How long the directories must have been still.</summary>
    public static readonly TimeSpan Stillness = TimeSpan.FromMilliseconds(500);

    /// <summary>How often they are looked at without a notification.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly List<FileSystemWatcher> _watchers = [];
    private readonly Action _rescan;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private bool _scanning;
    private bool _again;
    private bool _disposed;

    /// <summary>Begins to watch.</summary>
    /// <param name="directories">Plugin directories.</param>
    /// <param name="rescan">Looks again; runs on one thread at a time.</param>
    /// <param name="clock">Clock.</param>
    /// <param name="logger">Logger.</param>
    public PluginWatcher(IEnumerable<string> directories, Action rescan, TimeProvider clock, ILogger logger)
    {
        ArgumentNullException.ThrowIfNull(directories);
        ArgumentNullException.ThrowIfNull(clock);
        _rescan = rescan;
        _logger = logger;
        _timer = clock.CreateTimer(_ => Scan(), null, Interval, Timeout.InfiniteTimeSpan);
        foreach (string directory in directories.Where(Directory.Exists)) Watch(directory);
    }

    /// <summary>Something changed.</summary>
    public void Notice()
    {
        lock (_lock)
        {
            if (_disposed) return;
            if (_scanning) _again = true;
            else _timer.Change(Stillness, Timeout.InfiniteTimeSpan);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock) _disposed = true;
        foreach (FileSystemWatcher watcher in _watchers) watcher.Dispose();
        _timer.Dispose();
    }

    private void Watch(string directory)
    {
        try
        {
            var watcher = new FileSystemWatcher(directory)
            {
                IncludeSubdirectories = true,
                NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size | NotifyFilters.Attributes,
            };
            _watchers.Add(watcher);
            watcher.Created += (_, _) => Notice();
            watcher.Changed += (_, _) => Notice();
            watcher.Deleted += (_, _) => Notice();
            watcher.Renamed += (_, _) => Notice();
            watcher.Error += (_, _) => Notice(); // More happened than could be told: look at everything.
            watcher.EnableRaisingEvents = true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            LogUnwatched(_logger, directory, Interval.TotalSeconds, fault.Message);
        }
    }

    private void Scan()
    {
        lock (_lock)
        {
            if (_disposed || _scanning) return;
            (_scanning, _again) = (true, false);
        }

        try
        {
            _rescan();
        }
#pragma warning disable CA1031 // Whatever goes wrong while looking for plugins, what is loaded serves on.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            LogFault(_logger, fault);
        }

        lock (_lock)
        {
            _scanning = false;
            if (!_disposed) _timer.Change(_again ? Stillness : Interval, Timeout.InfiniteTimeSpan);
        }
    }

    [LoggerMessage(EventId = 410, Level = LogLevel.Warning, Message = "{Directory} is looked at every {Seconds} s only: {Problem}")]
    private static partial void LogUnwatched(ILogger logger, string directory, double seconds, string problem);

    [LoggerMessage(EventId = 411, Level = LogLevel.Error, Message = "the plugin directories cannot be looked at; what is loaded serves on")]
    private static partial void LogFault(ILogger logger, Exception fault);
}
