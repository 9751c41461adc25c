namespace TgtModular.Toml;

/// <summary>
/// A value of a document. Equality is that of the data: positions and the way of writing do not count, the order of a table's keys neither.
/// </summary>
public abstract class TomlValue : IEquatable<TomlValue>
{
    private protected TomlValue(TomlPosition position) => Position = position;

    /// <summary>Where the value begins; not known for values made in code.</summary>
    public TomlPosition Position { get; internal set; }

    /// <summary>The kind of the value.</summary>
    public abstract TomlKind Kind { get; }

    /// <summary>The name of the kind as a message would put it, such as <c>an integer</c>.</summary>
    public string KindName => Describe(Kind);

    /// <summary>The name of a kind as a message would put it, such as <c>an integer</c>.</summary>
    public static string Describe(TomlKind kind) => kind switch
    {
        TomlKind.Table => "a table",
        TomlKind.Array => "an array",
        TomlKind.String => "a string",
        TomlKind.Integer => "an integer",
        TomlKind.Float => "a float",
        TomlKind.Boolean => "a boolean",
        TomlKind.OffsetDateTime => "a date-time with offset",
        TomlKind.LocalDateTime => "a local date-time",
        TomlKind.LocalDate => "a local date",
        TomlKind.LocalTime => "a local time",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <inheritdoc/>
    public bool Equals(TomlValue? other) => other is not null && (ReferenceEquals(this, other) || (Kind == other.Kind && ContentEquals(other)));

    /// <inheritdoc/>
    public sealed override bool Equals(object? obj) => Equals(obj as TomlValue);

    /// <inheritdoc/>
    public sealed override int GetHashCode() => HashCode.Combine(Kind, ContentHash());

    private protected abstract bool ContentEquals(TomlValue other);

    private protected abstract int ContentHash();
}
