using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace TgtModular.TestKit;

/// <summary>One message of a plugin.</summary>
/// <param name="Level">Level.</param>
/// <param name="EventId">Event.</param>
/// <param name="Text">The message as formatted.</param>
/// <param name="Exception">Its exception.</param>
public sealed record LogEntry(LogLevel Level, EventId EventId, string Text, Exception? Exception);

/// <summary>Keeps what was logged.</summary>
public sealed class RecordingLogger : ILogger
{
    private readonly ConcurrentQueue<LogEntry> _entries = new();

    /// <summary>The messages so far.</summary>
    public IReadOnlyCollection<LogEntry> Entries => _entries;

    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        _entries.Enqueue(new LogEntry(logLevel, eventId, formatter(state, exception), exception));
    }
}
