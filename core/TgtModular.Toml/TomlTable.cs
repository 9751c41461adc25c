using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace TgtModular.Toml;

/// <summary>A key of a table with its value.</summary>
/// <param name="Key">The key, one part of it where the document wrote dotted parts.</param>
/// <param name="KeyPosition">Where the key stands; for tables that only longer headers name, the place in the first of those.</param>
/// <param name="Value">The value.</param>
public readonly record struct TomlEntry(string Key, TomlPosition KeyPosition, TomlValue Value);

/// <summary>A table. It keeps its keys in the order of the document.</summary>
/// <param name="position">Where it begins: its brace, its header's bracket, or its key where it has neither.</param>
public sealed class TomlTable(TomlPosition position = default) : TomlValue(position), IReadOnlyCollection<TomlEntry>
{
    /// <summary>Up to this many keys a scan is as fast as a hash table and takes a fraction of its memory.</summary>
    private const int ScannedKeys = 8;

    private readonly List<TomlEntry> _entries = [];
    private Dictionary<string, int>? _indexes;

    /// <inheritdoc/>
    public override TomlKind Kind => TomlKind.Table;

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <summary>True when the document wrote it as <c>{ ... }</c>; <see cref="TomlWriter"/> then does so too. Does not count for equality.</summary>
    public bool Inline
    {
        get => Origin == TableOrigin.Inline;
        init => Origin = value ? TableOrigin.Inline : TableOrigin.Header;
    }

    /// <summary>What made the table, on which depends what may still extend it.</summary>
    internal TableOrigin Origin { get; set; } = TableOrigin.Header;

    /// <summary>The value of <paramref name="key"/>.</summary>
    /// <exception cref="KeyNotFoundException">The table has no such key.</exception>
    public TomlValue this[string key] => TryGetEntry(key, out TomlEntry entry)
        ? entry.Value
        : throw new KeyNotFoundException($"the table has no key '{key}'");

    /// <summary>Finds the value of a key.</summary>
    public bool TryGetValue(string key, [NotNullWhen(true)] out TomlValue? value)
    {
        bool found = TryGetEntry(key, out TomlEntry entry);
        value = found ? entry.Value : null;
        return found;
    }

    /// <summary>Finds a key with its position and value.</summary>
    public bool TryGetEntry(string key, out TomlEntry entry)
    {
        ArgumentNullException.ThrowIfNull(key);
        int index = IndexOf(key);
        entry = index < 0 ? default : _entries[index];
        return index >= 0;
    }

    /// <summary>True when the table has the key.</summary>
    public bool ContainsKey(string key) => TryGetEntry(key, out _);

    /// <summary>Appends a key.</summary>
    /// <param name="key">The key; any string, the empty one included.</param>
    /// <param name="value">Its value.</param>
    /// <param name="keyPosition">Where the key stands.</param>
    /// <exception cref="ArgumentException">The table has the key already.</exception>
    public void Add(string key, TomlValue value, TomlPosition keyPosition = default)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (ContainsKey(key))
            throw new ArgumentException($"the table has the key '{key}' already", nameof(key));
        _indexes?.Add(key, _entries.Count);
        _entries.Add(new TomlEntry(key, keyPosition, value));
        if (_indexes is null && _entries.Count > ScannedKeys)
            BuildIndex();
    }

    /// <inheritdoc/>
    public IEnumerator<TomlEntry> GetEnumerator() => _entries.GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => $"table of {Count}";

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override bool ContentEquals(TomlValue other)
    {
        var table = (TomlTable)other;
        return Count == table.Count && _entries.TrueForAll(e => table.TryGetValue(e.Key, out TomlValue? value) && e.Value.Equals(value));
    }

    private protected override int ContentHash()
    {
        int hash = Count;
        foreach (TomlEntry entry in _entries)
            hash ^= HashCode.Combine(entry.Key, entry.Value);
        return hash;
    }

    private int IndexOf(string key)
    {
        if (_indexes is not null)
            return _indexes.TryGetValue(key, out int index) ? index : -1;
        return _entries.FindIndex(e => e.Key == key);
    }

    private void BuildIndex()
    {
        _indexes = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int i = 0; i < _entries.Count; i++)
            _indexes.Add(_entries[i].Key, i);
    }
}
