using System.Collections.Concurrent;
using TgtModular.Plugins;

namespace TgtModular.Testing;

/// <summary>State that lives as long as the target.</summary>
internal sealed class MemoryJournal : IStateJournal
{
    private readonly ConcurrentDictionary<string, byte[]> _documents = new(StringComparer.Ordinal);

    public ValueTask<ReadOnlyMemory<byte>?> LoadAsync(string key, CancellationToken cancellationToken) =>
        new(_documents.TryGetValue(key, out byte[]? document) ? (ReadOnlyMemory<byte>?)document : null);

    public ValueTask SaveAsync(string key, ReadOnlyMemory<byte> document, CancellationToken cancellationToken)
    {
        _documents[key] = document.ToArray();
        return default;
    }

    public ValueTask RemoveAsync(string key, CancellationToken cancellationToken)
    {
        _documents.TryRemove(key, out _);
        return default;
    }
}
