using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using TgtModular.Plugins;
using TgtModular.Toml;

namespace TgtModular.Core.Configuration.Binding;

/// <summary>Turns what was written into the values that a plugin's schema describes.</summary>
/// <param name="baseDirectory">Where relative paths count from; absolute.</param>
internal sealed class OptionBinder(string baseDirectory)
{
    /// <summary>Binds all entries; each fault is a problem.</summary>
    /// <param name="schema">The schema.</param>
    /// <param name="entries">Keys with values.</param>
    /// <param name="owner">Whose options they are, for messages: <c>store 'db' (type 'file')</c>.</param>
    /// <param name="position">Where the owner stands, for options that are missing.</param>
    /// <param name="alsoKnown">Keys of the owner that are not the plugin's, for suggestions.</param>
    /// <param name="problems">Where problems go.</param>
    /// <returns>Null when anything is wrong.</returns>
    public OptionValues? Bind(
        OptionSchema schema, IEnumerable<TomlEntry> entries, string owner, TomlPosition position, IEnumerable<string> alsoKnown, ProblemList problems)
    {
        var values = new Dictionary<string, object>(StringComparer.Ordinal);
        bool complete = true;
        string[] names = [.. schema.Definitions.Select(definition => definition.Name), .. alsoKnown];
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (TomlEntry entry in entries)
        {
            _ = seen.Add(entry.Key);
            if (schema.Find(entry.Key) is not { } definition)
            {
                problems.Error(entry.KeyPosition, $"unknown option '{entry.Key}' of {owner}{Hint.For(entry.Key, names)}");
                complete = false;
            }
            else if (TryConvert(definition, entry.Value, out object? value, out string? problem))
            {
                values[entry.Key] = value;
            }
            else
            {
                problems.Error(entry.Value.Position, $"option '{entry.Key}' of {owner} {problem}");
                complete = false;
            }
        }

        foreach (OptionDefinition missing in schema.Definitions.Where(definition => definition.Required && !seen.Contains(definition.Name)))
        {
            problems.Error(position, $"option '{missing.Name}' of {owner} is missing: {missing.Help}");
            complete = false;
        }

        return complete ? new OptionValues(schema, values) : null;
    }

    /// <summary>The value as TOML would have it, of text typed at a command line.</summary>
    public static TomlValue FromText(OptionType type, string text) => type switch
    {
        OptionType.Integer when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long integer) => new TomlInteger(integer),
        OptionType.Number when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) => new TomlFloat(number),
        OptionType.Boolean when text is "true" or "yes" or "on" => new TomlBoolean(true),
        OptionType.Boolean when text is "false" or "no" or "off" => new TomlBoolean(false),
        OptionType.TextList => new TomlArray(
            text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(item => new TomlString(item))),
        _ => new TomlString(text),
    };

    /// <summary>The value as TOML carries it: the inverse of binding.</summary>
    public static TomlValue ToToml(OptionType type, object value) => type switch
    {
        OptionType.Size => new TomlString(Quantity.FormatSize((long)value)),
        OptionType.Duration => new TomlString(Quantity.FormatDuration((TimeSpan)value)),
        OptionType.Integer => new TomlInteger((long)value),
        OptionType.Number => new TomlFloat((double)value),
        OptionType.Boolean => new TomlBoolean((bool)value),
        OptionType.TextList => new TomlArray(((IReadOnlyList<string>)value).Select(item => new TomlString(item))),
        _ => new TomlString((string)value),
    };

    private bool TryConvert(OptionDefinition definition, TomlValue value, [NotNullWhen(true)] out object? result, [NotNullWhen(false)] out string? problem)
    {
        result = definition.Type switch
        {
            OptionType.Text or OptionType.Choice => (value as TomlString)?.Value,
            OptionType.Path => value is TomlString { Value.Length: > 0 } path && !path.Value.Contains('\0', StringComparison.Ordinal)
                ? Path.GetFullPath(path.Value, baseDirectory) : null,
            OptionType.Integer => (value as TomlInteger)?.Value,
            OptionType.Number => (value as TomlFloat)?.Value ?? (value as TomlInteger)?.Value,
            OptionType.Boolean => (value as TomlBoolean)?.Value,
            OptionType.Size => Size(value),
            OptionType.Duration => Duration(value),
            OptionType.TextList => Texts(value),
            _ => null,
        };
        problem = result is null ? $"wants {Wanted(definition.Type)}, not {Shown(definition, value)}" : OutOfRange(definition, result) ?? definition.Check?.Invoke(result);
        return problem is null;
    }

    private static string? OutOfRange(OptionDefinition definition, object value)
    {
        if (definition.Type == OptionType.Choice && !definition.Choices.Contains((string)value))
            return $"is '{value}'{Hint.For((string)value, [.. definition.Choices])}";

        double? number = value switch
        {
            long integer => integer,
            double real => real,
            TimeSpan duration => duration.TotalSeconds,
            _ => null,
        };
        if (number is null || (!(number < definition.Minimum) && !(number > definition.Maximum))) return null;
        string Show(long limit) => definition.Type switch
        {
            OptionType.Size => Quantity.FormatSize(limit),
            OptionType.Duration => $"{limit}s",
            _ => limit.ToString(CultureInfo.InvariantCulture),
        };
        return number < definition.Minimum
            ? $"is too small; the least is {Show(definition.Minimum.GetValueOrDefault())}"
            : $"is too large; the most is {Show(definition.Maximum.GetValueOrDefault())}";
    }

    private static object? Size(TomlValue value) => value switch
    {
        TomlInteger { Value: >= 0 } integer => integer.Value,
        TomlString text when Quantity.TryParseSize(text.Value, out long bytes) => bytes,
        _ => null,
    };

    private static object? Duration(TomlValue value) => value switch
    {
        TomlInteger { Value: >= 0 and <= 3_155_760_000 } integer => TimeSpan.FromSeconds(integer.Value),
        TomlFloat { Value: >= 0 and <= 3_155_760_000 } number => TimeSpan.FromSeconds(number.Value),
        TomlString text when Quantity.TryParseDuration(text.Value, out TimeSpan duration) => duration,
        _ => null,
    };

    private static string[]? Texts(TomlValue value) => value switch
    {
        TomlString text => [text.Value],
        TomlArray array when array.All(item => item is TomlString) => [.. array.Cast<TomlString>().Select(item => item.Value)],
        _ => null,
    };

    private static string Wanted(OptionType type) => type switch
    {
        OptionType.Integer => "an integer",
        OptionType.Number => "a number",
        OptionType.Boolean => "true or false",
        OptionType.Size => Quantity.SizeForm,
        OptionType.Duration => Quantity.DurationForm,
        OptionType.TextList => "a list of strings",
        OptionType.Path => "a path",
        _ => "a string",
    };

    private static string Shown(OptionDefinition definition, TomlValue value) =>
        value is TomlString text && !definition.Secret ? $"\"{text.Value}\"" : value.KindName;
}
