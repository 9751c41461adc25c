using System.Collections;

namespace TgtModular.Toml;

/// <summary>An array: <c>[1, 2]</c>, or the tables that repeated <c>[[name]]</c> headers make.</summary>
/// <param name="position">Where it begins: its bracket, or the first header.</param>
public sealed class TomlArray(TomlPosition position = default) : TomlValue(position), IReadOnlyList<TomlValue>
{
    private readonly List<TomlValue> _items = [];

    /// <summary>An array of the given values.</summary>
    public TomlArray(IEnumerable<TomlValue> items)
        : this(default(TomlPosition))
    {
        ArgumentNullException.ThrowIfNull(items);
        foreach (TomlValue item in items)
            Add(item);
    }

    /// <inheritdoc/>
    public override TomlKind Kind => TomlKind.Array;

    /// <inheritdoc/>
    public int Count => _items.Count;

    /// <inheritdoc/>
    public TomlValue this[int index] => _items[index];

    /// <summary>True when <c>[[name]]</c> headers made it, so that further ones extend it.</summary>
    internal bool FromHeaders { get; init; }

    /// <summary>Appends a value.</summary>
    public void Add(TomlValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _items.Add(value);
    }

    /// <inheritdoc/>
    public IEnumerator<TomlValue> GetEnumerator() => _items.GetEnumerator();

    /// <inheritdoc/>
    public override string ToString() => $"array of {Count}";

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private protected override bool ContentEquals(TomlValue other) => _items.SequenceEqual(((TomlArray)other)._items);

    private protected override int ContentHash()
    {
        HashCode hash = default;
        foreach (TomlValue item in _items)
            hash.Add(item);
        return hash.ToHashCode();
    }
}
