using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using TgtModular.Buffers;
using TgtModular.Plugins;

namespace TgtModular.TestKit;

/// <summary>The host's services as doubles. Disposing it checks the pools: a leak fails the test.</summary>
public sealed class TestHost : IPluginHost, IDisposable
{
    /// <summary>A host with a fresh journal.</summary>
    public TestHost()
        : this(new MemoryJournal())
    {
    }

    /// <summary>A host over a journal that outlives it: a daemon after its restart.</summary>
    public TestHost(MemoryJournal journal) => Journal = journal;

    /// <summary>What was logged.</summary>
    public RecordingLogger Log { get; } = new();

    /// <inheritdoc cref="IPluginHost.Clock"/>
    public ManualClock Clock { get; } = new();

    /// <inheritdoc cref="IPluginHost.Journal"/>
    public MemoryJournal Journal { get; }

    /// <inheritdoc cref="IPluginHost.Buffers"/>
    public DiagnosticBufferPool Buffers { get; } = new();

    /// <inheritdoc cref="IPluginHost.Workers"/>
    public TestWorkerPool Workers { get; } = new();

    /// <inheritdoc/>
    public Meter Meter { get; } = new("TgtModular.TestKit");

    ILogger IPluginHost.Logger => Log;

    TimeProvider IPluginHost.Clock => Clock;

    IStateJournal IPluginHost.Journal => Journal;

    IBufferPool IPluginHost.Buffers => Buffers;

    IWorkerPool IPluginHost.Workers => Workers;

    /// <summary>Throws for leaks, misused buffers and faults of work items.</summary>
    public void Verify()
    {
        Buffers.Verify();
        Workers.Verify();
    }

    /// <summary>Ends the meter and verifies.</summary>
    public void Dispose()
    {
        Meter.Dispose();
        Verify();
    }
}
