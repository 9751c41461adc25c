namespace TgtModular.Toml;

/// <summary>The kinds of value TOML 1.0 knows.</summary>
public enum TomlKind
{
    /// <summary>A table, however written: by header, inline or through dotted keys.</summary>
    Table,

    /// <summary>An array, an array of tables included.</summary>
    Array,

    /// <summary>A string.</summary>
    String,

    /// <summary>A signed integer of 64 bits.</summary>
    Integer,

    /// <summary>An IEEE 754 binary64 number.</summary>
    Float,

    /// <summary><c>true</c> or <c>false</c>.</summary>
    Boolean,

    /// <summary>A date and time with an offset from UTC (RFC 3339).</summary>
    OffsetDateTime,

    /// <summary>A date and time without an offset.</summary>
    LocalDateTime,

    /// <summary>A date alone.</summary>
    LocalDate,

    /// <summary>A time of day alone.</summary>
    LocalTime,
}
