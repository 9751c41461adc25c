namespace TgtModular.Toml;

/// <summary>What made a table (TOML 1.0.0, "Table" and "Inline Table": each way has its own rule on what may extend it).</summary>
internal enum TableOrigin
{
    /// <summary>Named only as a part of longer headers: a header of its own may still come.</summary>
    Implied,

    /// <summary>Its own <c>[header]</c>, one element of <c>[[header]]</c>, or the root.</summary>
    Header,

    /// <summary>A part of a dotted key: further dotted keys extend it, headers may add tables below it, none may define it.</summary>
    Dotted,

    /// <summary>Written in braces: nothing extends it.</summary>
    Inline,
}
