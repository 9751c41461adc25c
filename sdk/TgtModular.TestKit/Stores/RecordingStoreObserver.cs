using System.Collections.Concurrent;
using TgtModular.Storage;

namespace TgtModular.TestKit;

/// <summary>What a store reported: <c>resized 4096</c>, <c>lost: reason</c>, <c>restored</c>.</summary>
public sealed class RecordingStoreObserver : IStoreObserver
{
    private readonly ConcurrentQueue<string> _events = new();

    /// <summary>The events so far, oldest first.</summary>
    public IReadOnlyCollection<string> Events => _events;

    /// <inheritdoc/>
    public void Resized(long length) => _events.Enqueue($"resized {length}");

    /// <inheritdoc/>
    public void Lost(string reason) => _events.Enqueue($"lost: {reason}");

    /// <inheritdoc/>
    public void Restored() => _events.Enqueue("restored");
}
