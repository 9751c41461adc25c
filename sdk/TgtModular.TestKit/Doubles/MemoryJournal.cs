using System.Collections.Concurrent;
using TgtModular.Plugins;

namespace TgtModular.TestKit;

/// <summary>A journal that lives as long as the test: keep one over two hosts to test a restart.</summary>
public sealed class MemoryJournal : IStateJournal
{
    private readonly ConcurrentDictionary<string, byte[]> _documents = new(StringComparer.Ordinal);
    private int _saves;

    /// <summary>The documents by key.</summary>
    public IReadOnlyDictionary<string, byte[]> Documents => _documents;

    /// <summary>Number of saves so far.</summary>
    public int Saves => _saves;

    /// <summary>When set, saves fail with it and leave the old document.</summary>
    public IOException? SaveFault { get; set; }

    /// <inheritdoc/>
    public ValueTask<ReadOnlyMemory<byte>?> LoadAsync(string key, CancellationToken cancellationToken)
    {
        Check(key);
        cancellationToken.ThrowIfCancellationRequested();
        return new(_documents.TryGetValue(key, out byte[]? document) ? (ReadOnlyMemory<byte>?)document.ToArray() : null);
    }

    /// <inheritdoc/>
    public ValueTask SaveAsync(string key, ReadOnlyMemory<byte> document, CancellationToken cancellationToken)
    {
        Check(key);
        cancellationToken.ThrowIfCancellationRequested();
        if (SaveFault is { } fault) return ValueTask.FromException(fault);
        _documents[key] = document.ToArray();
        Interlocked.Increment(ref _saves);
        return default;
    }

    /// <inheritdoc/>
    public ValueTask RemoveAsync(string key, CancellationToken cancellationToken)
    {
        Check(key);
        cancellationToken.ThrowIfCancellationRequested();
        _documents.TryRemove(key, out _);
        return default;
    }

    private static void Check(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        if (key.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-')) return;
        throw new ArgumentException($"'{key}' is no journal key: letters, digits, dots and hyphens only", nameof(key));
    }
}
