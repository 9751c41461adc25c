using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using TgtModular.Buffers;
using TgtModular.Plugins;

namespace TgtModular.ContractShapes.Engine;

/// <summary>Services of a host, as little as the fakes need.</summary>
internal sealed class MiniHost : IPluginHost, IStateJournal, IBufferPool, IWorkerPool
{
    private readonly Dictionary<string, byte[]> _documents = [];

    public ILogger Logger => NullLogger.Instance;

    public TimeProvider Clock => TimeProvider.System;

    public IStateJournal Journal => this;

    public IBufferPool Buffers => this;

    public IWorkerPool Workers => this;

    public Meter Meter { get; } = new("shapes");

    public ValueTask<ReadOnlyMemory<byte>?> LoadAsync(string key, CancellationToken cancellationToken)
    {
        lock (_documents) return new(_documents.TryGetValue(key, out byte[]? document) ? (ReadOnlyMemory<byte>?)document : null);
    }

    public ValueTask SaveAsync(string key, ReadOnlyMemory<byte> document, CancellationToken cancellationToken)
    {
        lock (_documents) _documents[key] = document.ToArray();
        return default;
    }

    public ValueTask RemoveAsync(string key, CancellationToken cancellationToken)
    {
        lock (_documents) _documents.Remove(key);
        return default;
    }

    public DataBuffer? TryRent(int length, string tag) => DataBuffer.Wrap(new byte[length]);

    public void Queue(IThreadPoolWorkItem work) => ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
}
