using System.Globalization;

namespace TgtModular.Toml;

/// <summary>A value that holds no others.</summary>
/// <typeparam name="T">The .NET type that carries it.</typeparam>
public abstract class TomlScalar<T> : TomlValue
    where T : IEquatable<T>
{
    private protected TomlScalar(T value, TomlPosition position)
        : base(position) => Value = value;

    /// <summary>The value.</summary>
    public T Value { get; }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Value}");

    private protected sealed override bool ContentEquals(TomlValue other) => Value.Equals(((TomlScalar<T>)other).Value);

    private protected sealed override int ContentHash() => Value.GetHashCode();
}

/// <summary>A string.</summary>
/// <param name="value">The characters, escapes resolved.</param>
/// <param name="position">Where it stands.</param>
public sealed class TomlString(string value, TomlPosition position = default) : TomlScalar<string>(value, position)
{
    /// <inheritdoc/>
    public override TomlKind Kind => TomlKind.String;
}

/// <summary>An integer.</summary>
/// <param name="value">The value.</param>
/// <param name="position">Where it stands.</param>
public sealed class TomlInteger(long value, TomlPosition position = default) : TomlScalar<long>(value, position)
{
    /// <inheritdoc/>
    public override TomlKind Kind => TomlKind.Integer;
}

/// <summary>A float. All NaN are equal, and so are 0.0 and -0.0.</summary>
/// <param name="value">The value, infinities and NaN included.</param>
/// <param name="position">Where it stands.</param>
public sealed class TomlFloat(double value, TomlPosition position = default) : TomlScalar<double>(value, position)
{
    /// <inheritdoc/>
    public override TomlKind Kind => TomlKind.Float;
}

/// <summary>A boolean.</summary>
/// <param name="value">The value.</param>
/// <param name="position">Where it stands.</param>
public sealed class TomlBoolean(bool value, TomlPosition position = default) : TomlScalar<bool>(value, position)
{
    /// <inheritdoc/>
    public override TomlKind Kind => TomlKind.Boolean;
}

/// <summary>A date and time with an offset. Two are equal when they name the same instant.</summary>
/// <param name="value">The instant, to 100 ns; finer digits in a document are cut off, as TOML 1.0 asks.</param>
/// <param name="position">Where it stands.</param>
public sealed class TomlOffsetDateTime(DateTimeOffset value, TomlPosition position = default) : TomlScalar<DateTimeOffset>(value, position)
{
    /// <inheritdoc/>
    public override TomlKind Kind => TomlKind.OffsetDateTime;
}

/// <summary>A date and time without offset.</summary>
/// <param name="value">The date and time, to 100 ns; its <see cref="DateTime.Kind"/> says nothing.</param>
/// <param name="position">Where it stands.</param>
public sealed class TomlLocalDateTime(DateTime value, TomlPosition position = default) : TomlScalar<DateTime>(value, position)
{
    /// <inheritdoc/>
    public override TomlKind Kind => TomlKind.LocalDateTime;
}

/// <summary>A date.</summary>
/// <param name="value">The date.</param>
/// <param name="position">Where it stands.</param>
public sealed class TomlLocalDate(DateOnly value, TomlPosition position = default) : TomlScalar<DateOnly>(value, position)
{
    /// <inheritdoc/>
    public override TomlKind Kind => TomlKind.LocalDate;
}

/// <summary>A time of day.</summary>
/// <param name="value">The time, to 100 ns.</param>
/// <param name="position">Where it stands.</param>
public sealed class TomlLocalTime(TimeOnly value, TomlPosition position = default) : TomlScalar<TimeOnly>(value, position)
{
    /// <inheritdoc/>
    public override TomlKind Kind => TomlKind.LocalTime;
}
