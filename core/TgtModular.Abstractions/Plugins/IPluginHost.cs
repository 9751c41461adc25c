using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using TgtModular.Buffers;

namespace TgtModular.Plugins;

/// <summary>Services of the host, made for one object of a plugin.</summary>
public interface IPluginHost
{
    /// <summary>Logger, named after the plugin and the object.</summary>
    ILogger Logger { get; }

    /// <summary>Clock and timers.</summary>
    TimeProvider Clock { get; }

    /// <summary>State that must survive a crash.</summary>
    IStateJournal Journal { get; }

    /// <summary>Pinned memory.</summary>
    IBufferPool Buffers { get; }

    /// <summary>Threads for calls that block.</summary>
    IWorkerPool Workers { get; }

    /// <summary>Counters and histograms of the object.</summary>
    Meter Meter { get; }
}

/// <summary>Small documents kept under the state directory. A save either replaces the document whole or leaves the old one, also across a power cut.</summary>
public interface IStateJournal
{
    /// <summary>Reads a document.</summary>
    /// <param name="key">Letters, digits, dots and hyphens.</param>
    /// <returns>Null when it was never saved.</returns>
    ValueTask<ReadOnlyMemory<byte>?> LoadAsync(string key, CancellationToken cancellationToken);

    /// <summary>Saves a document; when the task completes it is durable.</summary>
    ValueTask SaveAsync(string key, ReadOnlyMemory<byte> document, CancellationToken cancellationToken);

    /// <summary>Removes a document durably.</summary>
    ValueTask RemoveAsync(string key, CancellationToken cancellationToken);
}

/// <summary>Bounded pool of threads for work that blocks.</summary>
public interface IWorkerPool
{
    /// <summary>Queues work; never blocks and never runs it on the caller's thread.</summary>
    void Queue(IThreadPoolWorkItem work);
}
