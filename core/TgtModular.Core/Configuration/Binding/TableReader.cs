using TgtModular.Toml;

namespace TgtModular.Core.Configuration.Binding;

/// <summary>Takes known keys out of a table, and refuses those that are left.</summary>
/// <param name="table">The table.</param>
/// <param name="what">What the table is, for messages: <c>store 'db'</c>.</param>
/// <param name="problems">Where problems go.</param>
internal sealed class TableReader(TomlTable table, string what, ProblemList problems)
{
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);

    public string What => what;

    /// <summary>Keys not asked for so far.</summary>
    public IEnumerable<TomlEntry> Rest => table.Where(entry => !_known.Contains(entry.Key));

    /// <summary>Where the value of a key stands; not known when the key is not there.</summary>
    public TomlPosition PositionOf(string key) => table.TryGetEntry(key, out TomlEntry entry) ? entry.Value.Position : default;

    public TomlEntry? Take(string key)
    {
        _ = _known.Add(key);
        return table.TryGetEntry(key, out TomlEntry entry) ? entry : null;
    }

    public string? Text(string key) => Take(key) is { } entry ? Text(entry.Value, $"'{key}'") : null;

    /// <summary>Text of printable ASCII of at most so many characters, as INQUIRY data carry it.</summary>
    public string? Ascii(string key, int maximumLength)
    {
        if (Take(key) is not { } entry || Text(entry.Value, $"'{key}'") is not { } text) return null;
        if (text.Length is > 0 && text.Length <= maximumLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return text;
        problems.Error(entry.Value.Position, $"'{key}' of {what} wants 1 to {maximumLength} printable ASCII characters");
        return null;
    }

    public bool? Boolean(string key)
    {
        if (Take(key) is not { } entry) return null;
        if (entry.Value is TomlBoolean boolean) return boolean.Value;
        WrongType(entry.Value, $"'{key}'", "true or false");
        return null;
    }

    public long? Integer(string key, long minimum, long maximum)
    {
        if (Take(key) is not { } entry) return null;
        if (entry.Value is not TomlInteger integer)
        {
            WrongType(entry.Value, $"'{key}'", "an integer");
            return null;
        }

        if (integer.Value >= minimum && integer.Value <= maximum) return integer.Value;
        problems.Error(entry.Value.Position, $"'{key}' of {what} is {integer.Value}; {minimum} to {maximum} is wanted");
        return null;
    }

    public TomlTable? Table(string key)
    {
        if (Take(key) is not { } entry) return null;
        if (entry.Value is TomlTable value) return value;
        WrongType(entry.Value, $"'{key}'", "a table");
        return null;
    }

    /// <summary>Text, or a list of texts, each with its position.</summary>
    public IReadOnlyList<TomlString>? TextList(string key)
    {
        if (Take(key) is not { } entry) return null;
        switch (entry.Value)
        {
            case TomlString text:
                return [text];
            case TomlArray array:
                foreach (TomlValue item in array.Where(item => item is not TomlString)) WrongType(item, $"an item of '{key}'", "a string");
                return [.. array.OfType<TomlString>()];
            default:
                WrongType(entry.Value, $"'{key}'", "a list of strings");
                return null;
        }
    }

    /// <summary>A table, or a list of tables.</summary>
    public IReadOnlyList<TomlTable>? TableList(string key, string form)
    {
        if (Take(key) is not { } entry) return null;
        switch (entry.Value)
        {
            case TomlTable one:
                return [one];
            case TomlArray array:
                foreach (TomlValue item in array.Where(item => item is not TomlTable)) WrongType(item, $"an item of '{key}'", form);
                return [.. array.OfType<TomlTable>()];
            default:
                WrongType(entry.Value, $"'{key}'", form);
                return null;
        }
    }

    /// <summary>A problem with the table as a whole, such as a missing key.</summary>
    public void Error(string message) => problems.Error(table.Position, message);

    /// <summary>A key that must be there is not; a key that looks like it is named, else what it could say.</summary>
    public void Missing(string key, IReadOnlyCollection<string> values)
    {
        string hint = Suggestions.Closest(key, [.. Rest.Select(entry => entry.Key)]) is { } misspelt ? $" (is '{misspelt}' meant to be it?)" : Hint.For("", values);
        Error($"{what} has no '{key}'{hint}");
    }

    /// <summary>Every key not asked for is a problem.</summary>
    /// <param name="also">Further names to suggest.</param>
    public void RefuseRest(IEnumerable<string>? also = null)
    {
        string[] names = [.. _known, .. also ?? []];
        foreach (TomlEntry entry in Rest) problems.Error(entry.KeyPosition, $"unknown key '{entry.Key}' in {what}{Hint.For(entry.Key, names)}");
    }

    private string? Text(TomlValue value, string name)
    {
        if (value is TomlString { Value.Length: > 0 } text) return text.Value;
        if (value is TomlString) problems.Error(value.Position, $"{name} of {what} is empty");
        else WrongType(value, name, "a string");
        return null;
    }

    private void WrongType(TomlValue value, string name, string wanted) =>
        problems.Error(value.Position, $"{name} of {what} wants {wanted}, not {value.KindName}");
}

/// <summary>The end of a message about a name that is not known.</summary>
internal static class Hint
{
    private const int ListedNames = 12;

    /// <summary><c> (did you mean 'x'?)</c>, or what there is when nothing is near.</summary>
    public static string For(string name, IReadOnlyCollection<string> candidates)
    {
        if (Suggestions.Closest(name, candidates) is { } closest) return $" (did you mean '{closest}'?)";
        if (candidates.Count == 0) return "";
        IEnumerable<string> listed = candidates.Distinct().Order(StringComparer.Ordinal).Take(ListedNames);
        return $" (there is {string.Join(", ", listed)}{(candidates.Count > ListedNames ? ", ..." : "")})";
    }
}
