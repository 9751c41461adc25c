using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using TgtModular.Buffers;
using TgtModular.Plugins;
using TgtModular.TestKit;

namespace TgtModular.Iscsi.Tests.Wire;

/// <summary>A host for long runs: keeps errors only, and runs by the machine's clock.</summary>
internal sealed class QuietHost(IBufferPool buffers) : IPluginHost, ILogger, IDisposable
{
    private readonly ConcurrentQueue<string> _errors = new();

    /// <summary>What was logged as an error.</summary>
    public IReadOnlyCollection<string> Errors => _errors;

    public ILogger Logger => this;

    public TimeProvider Clock => TimeProvider.System;

    public IStateJournal Journal { get; } = new MemoryJournal();

    public IBufferPool Buffers => buffers;

    public IWorkerPool Workers { get; } = new TestWorkerPool();

    public Meter Meter { get; } = new("Iscsi.Tests");

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel)) _errors.Enqueue($"{formatter(state, exception)} {exception}");
    }

    public void Dispose() => Meter.Dispose();
}
