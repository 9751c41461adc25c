using System.Globalization;

namespace TgtModular.Testing;

/// <summary>Values as TOML writes them.</summary>
internal static class TomlText
{
    public static string Lines(IReadOnlyDictionary<string, object> options) => string.Concat(options.Select(option => $"{option.Key} = {Of(option.Value)}\n"));

    public static string Of(object value) => value switch
    {
        bool truth => truth ? "true" : "false",
        string text => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"",
        TimeSpan span => $"\"{span.TotalMilliseconds.ToString(CultureInfo.InvariantCulture)}ms\"",
        double number => number.ToString("0.0###############", CultureInfo.InvariantCulture),
        IEnumerable<string> list => $"[{string.Join(", ", list.Select(Of))}]",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ScsiTargetException($"a {value.GetType().Name} is no value of an option"),
    };
}
