namespace TgtModular.Toml;

/// <summary>A place in a document.</summary>
/// <param name="Line">The line, counted from 1.</param>
/// <param name="Column">The column, counted from 1, in characters (Unicode scalar values). A tab is one character.</param>
public readonly record struct TomlPosition(int Line, int Column) : IComparable<TomlPosition>
{
    /// <summary>False for values made in code rather than read from a document.</summary>
    public bool IsKnown => Line > 0;

    /// <inheritdoc/>
    public int CompareTo(TomlPosition other) => Line != other.Line ? Line.CompareTo(other.Line) : Column.CompareTo(other.Column);

    /// <summary>The position as <c>line:column</c>.</summary>
    public override string ToString() => $"{Line}:{Column}";

    /// <summary>True when <paramref name="left"/> stands before <paramref name="right"/>.</summary>
    public static bool operator <(TomlPosition left, TomlPosition right) => left.CompareTo(right) < 0;

    /// <summary>True when <paramref name="left"/> stands after <paramref name="right"/>.</summary>
    public static bool operator >(TomlPosition left, TomlPosition right) => left.CompareTo(right) > 0;

    /// <summary>True when <paramref name="left"/> does not stand after <paramref name="right"/>.</summary>
    public static bool operator <=(TomlPosition left, TomlPosition right) => left.CompareTo(right) <= 0;

    /// <summary>True when <paramref name="left"/> does not stand before <paramref name="right"/>.</summary>
    public static bool operator >=(TomlPosition left, TomlPosition right) => left.CompareTo(right) >= 0;
}
