namespace TgtModular.Toml.Reading;

/// <summary>What a nested value asks for next.</summary>
internal enum NestedStep
{
    /// <summary>Its next item, which begins with the token.</summary>
    Item,

    /// <summary>Nothing: the token is its closing bracket or brace.</summary>
    Ended,

    /// <summary>Nothing: it is not known where it ends.</summary>
    Lost,
}

/// <summary>Reads an array or an inline table, one item at a time: the items are read by <see cref="ValueReader"/>, which keeps the open ones on a list and not on the stack.</summary>
internal abstract class NestedReader
{
    /// <summary>How many tables and arrays the item asked for stands in.</summary>
    public abstract int ItemDepth { get; }

    /// <summary>What was read; null when anything in it is bad.</summary>
    public abstract TomlValue? Value { get; }

    /// <summary>Goes on from the opening bracket or brace.</summary>
    public abstract NestedStep Begin(ref Token token);

    /// <summary>Takes the item that was asked for, null when it is bad, and goes on behind it.</summary>
    public abstract NestedStep Take(TomlValue? item, ref Token token);
}
