using System.Globalization;
using Microsoft.Extensions.Logging.Console;
using TgtModular.Core.Configuration;

namespace TgtModular.Daemon.Hosting;

/// <summary>
/// The daemon's log on standard error: lines with a priority in front when that is the journal of systemd, lines with the time for people otherwise. The
/// console's own thread writes them; a reader that stalls does not stall the daemon.
/// </summary>
internal sealed class DaemonLogging : IDisposable
{
    private volatile LogLevel _level = LogLevel.Information;

    /// <param name="syslog">The lines go to syslog, too.</param>
    public DaemonLogging(bool syslog = false)
    {
        bool journal = IsJournal(Environment.GetEnvironmentVariable("JOURNAL_STREAM"),
            File.ResolveLinkTarget("/proc/self/fd/2", returnFinalTarget: false)?.Name);
        Factory = LoggerFactory.Create(builder =>
        {
            _ = builder.SetMinimumLevel(LogLevel.Trace).AddFilter((category, level) => level >= MinimumOf(category));
            if (syslog) _ = builder.AddProvider(new SyslogLoggerProvider());
            _ = journal ? builder.AddSystemdConsole() : builder.AddSimpleConsole(options =>
            {
                options.SingleLine = true;
                options.TimestampFormat = "yyyy-MM-dd HH:mm:ss.fff ";
                options.ColorBehavior = Console.IsErrorRedirected ? LoggerColorBehavior.Disabled : LoggerColorBehavior.Default;
            });
            _ = builder.Services.Configure<ConsoleLoggerOptions>(options =>
            {
                options.LogToStandardErrorThreshold = LogLevel.Trace;
                options.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite;
                options.MaxQueueLength = 10_000;
            });
        });
    }

    public ILoggerFactory Factory { get; }

    public LogVerbosity Level
    {
        get => (LogVerbosity)_level;
        set => _level = (LogLevel)value;
    }

    public void Dispose() => Factory.Dispose();

    /// <summary>
    /// True when standard error is the stream that the journal gave this process: the variable is inherited by children whose output goes elsewhere.
    /// </summary>
    /// <param name="stream"><c>JOURNAL_STREAM</c>: device and inode.</param>
    /// <param name="standardError">What standard error is, as /proc tells: <c>socket:[inode]</c>.</param>
    internal static bool IsJournal(string? stream, string? standardError)
    {
        int colon = stream?.IndexOf(':') ?? -1;
        if (colon < 0 || standardError is null) return false;
        return standardError == string.Create(CultureInfo.InvariantCulture, $"socket:[{stream.AsSpan(colon + 1)}]");
    }

    /// <summary>The web server speaks only of what goes wrong.</summary>
    private LogLevel MinimumOf(string? category) =>
        category is not null && category.StartsWith("Microsoft.", StringComparison.Ordinal) && _level < LogLevel.Warning && _level > LogLevel.Trace
            ? LogLevel.Warning : _level;
}
