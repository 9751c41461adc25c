using System.Globalization;
using System.Text.Json;

namespace TgtModular.Toml.Tests;

/// <summary>Compares documents with the tagged JSON of the toml-test project: <c>{"type": "integer", "value": "1"}</c>.</summary>
internal static class TaggedJson
{
    /// <summary>The first difference, or null.</summary>
    public static string? Difference(JsonElement expected, TomlValue actual, string path = "$")
    {
        if (expected.ValueKind == JsonValueKind.Array)
            return ArrayDifference(expected, actual, path);
        if (expected.EnumerateObject().Count() == 2 && expected.TryGetProperty("type", out JsonElement type) && type.ValueKind == JsonValueKind.String
            && expected.TryGetProperty("value", out JsonElement value) && value.ValueKind == JsonValueKind.String)
        {
            return Matches(type.GetString()!, value.GetString()!, actual) ? null : $"{path}: {actual.KindName} {actual} is not {value}";
        }

        if (actual is not TomlTable table)
            return $"{path}: {actual.KindName} is no table";
        if (table.Count != expected.EnumerateObject().Count())
            return $"{path}: {table.Count} keys";
        foreach (JsonProperty property in expected.EnumerateObject())
        {
            if (!table.TryGetValue(property.Name, out TomlValue? child))
                return $"{path}: no key {property.Name}";
            if (Difference(property.Value, child, $"{path}.{property.Name}") is { } difference)
                return difference;
        }

        return null;
    }

    private static string? ArrayDifference(JsonElement expected, TomlValue actual, string path)
    {
        if (actual is not TomlArray array || array.Count != expected.GetArrayLength())
            return $"{path}: {actual} is no array of {expected.GetArrayLength()}";
        return array.Select((item, i) => Difference(expected[i], item, $"{path}[{i}]")).FirstOrDefault(d => d is not null);
    }

    private static bool Matches(string type, string text, TomlValue actual) => (type, actual) switch
    {
        ("string", TomlString value) => value.Value == text,
        ("integer", TomlInteger value) => value.Value == long.Parse(text, CultureInfo.InvariantCulture),
        ("float", TomlFloat value) => value.Value.Equals(ParseFloat(text)),
        ("bool", TomlBoolean value) => value.Value == (text == "true"),
        ("datetime", TomlOffsetDateTime value) => value.Value.EqualsExact(DateTimeOffset.Parse(text, CultureInfo.InvariantCulture)),
        ("datetime-local", TomlLocalDateTime value) => value.Value == DateTime.Parse(text, CultureInfo.InvariantCulture),
        ("date-local", TomlLocalDate value) => value.Value == DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture),
        ("time-local", TomlLocalTime value) => value.Value == TimeOnly.Parse(text, CultureInfo.InvariantCulture),
        _ => false,
    };

    private static double ParseFloat(string text) => text.TrimStart('+', '-') switch
    {
        "inf" => text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity,
        "nan" => double.NaN,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}
