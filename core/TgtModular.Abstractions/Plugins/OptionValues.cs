namespace TgtModular.Plugins;

/// <summary>Checked values of an <see cref="OptionSchema"/>: what was given, else the defaults. Immutable; equal when all values are.</summary>
public sealed class OptionValues : IEquatable<OptionValues>
{
    private readonly Dictionary<string, object> _values;

    /// <summary>Values by name; each in the type its <see cref="OptionType"/> is read as.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="given">What was given, already checked.</param>
    /// <exception cref="ArgumentException">A value has no definition, or a required one is missing.</exception>
    public OptionValues(OptionSchema schema, IReadOnlyDictionary<string, object> given)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(given);
        Schema = schema;
        Given = given;
        _values = new Dictionary<string, object>(given, StringComparer.Ordinal);
        foreach (string name in given.Keys)
        {
            if (schema.Find(name) is null) throw new ArgumentException($"there is no option '{name}'", nameof(given));
        }

        foreach (OptionDefinition definition in schema.Definitions)
        {
            if (_values.ContainsKey(definition.Name)) continue;
            if (definition.Required) throw new ArgumentException($"option '{definition.Name}' is missing", nameof(given));
            if (definition.Default is not null) _values[definition.Name] = definition.Default;
        }
    }

    /// <summary>No options, no values.</summary>
    public static OptionValues Empty { get; } = new(OptionSchema.Empty, new Dictionary<string, object>());

    /// <summary>The schema.</summary>
    public OptionSchema Schema { get; }

    /// <summary>What was given, without defaults.</summary>
    public IReadOnlyDictionary<string, object> Given { get; }

    /// <summary>True when the option has a value.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>The value in the type its <see cref="OptionType"/> is read as; null when there is none.</summary>
    public object? Find(string name) => _values.GetValueOrDefault(name);

    /// <summary>True when the option has the same value, or none, in both.</summary>
    public bool Agrees(OptionValues other, string name)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Find(name) is { } value ? other.Find(name) is { } otherValue && SameValue(value, otherValue) : other.Find(name) is null;
    }

    /// <summary>A text, choice or path; null when there is no value.</summary>
    public string? GetText(string name) => Get<string>(name);

    /// <summary>A text, choice or path that has a value.</summary>
    public string RequireText(string name) => Get<string>(name) ?? throw Missing(name);

    /// <summary>A whole number, or a size in bytes.</summary>
    public long GetInteger(string name) => _values.TryGetValue(name, out object? value) ? (long)value : throw Missing(name);

    /// <summary>A number.</summary>
    public double GetNumber(string name) => _values.TryGetValue(name, out object? value) ? (double)value : throw Missing(name);

    /// <summary>A truth value; false when there is none.</summary>
    public bool GetBoolean(string name) => _values.TryGetValue(name, out object? value) && (bool)value;

    /// <summary>A time span.</summary>
    public TimeSpan GetDuration(string name) => _values.TryGetValue(name, out object? value) ? (TimeSpan)value : throw Missing(name);

    /// <summary>A list of texts; empty when there is no value.</summary>
    public IReadOnlyList<string> GetTextList(string name) => Get<IReadOnlyList<string>>(name) ?? [];

    /// <inheritdoc/>
    public bool Equals(OptionValues? other)
    {
        if (other is null || _values.Count != other._values.Count) return false;
        foreach ((string name, object value) in _values)
        {
            if (!other._values.TryGetValue(name, out object? otherValue) || !SameValue(value, otherValue)) return false;
        }

        return true;
    }

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as OptionValues);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        int hash = 0;
        foreach ((string name, object value) in _values) hash ^= HashCode.Combine(name, value is IReadOnlyList<string> list ? list.Count : value);
        return hash;
    }

    private static bool SameValue(object left, object right) =>
        left is IReadOnlyList<string> leftList && right is IReadOnlyList<string> rightList ? leftList.SequenceEqual(rightList) : left.Equals(right);

    private T? Get<T>(string name)
        where T : class
    {
        if (_values.TryGetValue(name, out object? value)) return (T)value;
        return Schema.Find(name) is null ? throw Missing(name) : null;
    }

    private static KeyNotFoundException Missing(string name) => new($"option '{name}' has no value");
}
