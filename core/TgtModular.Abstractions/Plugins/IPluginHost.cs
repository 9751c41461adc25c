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

/// <summary>
/// Small documents kept under the state directory, each object's own: named by the object's kind and name, so that one of another name finds none, and the same
/// name finds them again. A save either replaces the document whole or leaves the old one, also across a power cut.
/// </summary>
/// <remarks>
/// For what changes seldom. A save costs a file written and made durable, milliseconds on a disk, whatever part of the document changed; what changes with every
/// command belongs into a store. What must stay with the data of a store when that is moved or copied belongs there too.
/// </remarks>
public interface IStateJournal
{
    /// <summary>Reads a document.</summary>
    /// <param name="key">Letters, digits, dots and hyphens; at most 100, no dot in front.</param>
    /// <returns>Null when it was never saved.</returns>
    ValueTask<ReadOnlyMemory<byte>?> LoadAsync(string key, CancellationToken cancellationToken);

    /// <summary>
    /// Saves a document; when the task completes it is durable. Saves of one key happen in the order of their calls, the last one stays; those of different
    /// keys may overlap. Neither the caller's thread nor a receive loop waits for the disk.
    /// </summary>
    /// <param name="key">As for <see cref="LoadAsync"/>.</param>
    /// <param name="document">At most 64 MiB; unchanged until the task completes.</param>
    /// <exception cref="System.IO.IOException">It could not be saved; the old document is still there.</exception>
    /// <exception cref="OperationCanceledException">Cancelled before it began; a save that has begun ends.</exception>
    ValueTask SaveAsync(string key, ReadOnlyMemory<byte> document, CancellationToken cancellationToken);

    /// <summary>Removes a document durably; one that is not there is no mistake.</summary>
    ValueTask RemoveAsync(string key, CancellationToken cancellationToken);
}

/// <summary>Bounded pool of threads for work that blocks.</summary>
public interface IWorkerPool
{
    /// <summary>Queues work; never blocks and never runs it on the caller's thread.</summary>
    void Queue(IThreadPoolWorkItem work);
}
