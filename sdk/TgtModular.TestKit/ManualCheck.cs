using System.Globalization;
using TgtModular.Plugins;

namespace TgtModular.TestKit;

/// <summary>
/// Compares a plugin's manual with its options, so that neither goes stale. The manual (README.md) has a table with the head
/// <c>| option | type | default | meaning |</c> and one row per option: <c>| `name` | type | default | meaning |</c>; the default is <c>required</c>,
/// <c>-</c> for none, or the value.
/// </summary>
public static class ManualCheck
{
    private const string TableHead = "| option | type | default | meaning |";

    /// <summary>Differences between the manual and the schema; empty when they agree.</summary>
    /// <param name="manual">Text of the manual.</param>
    /// <param name="schema">The factory's options.</param>
    public static IReadOnlyList<string> Compare(string manual, OptionSchema schema)
    {
        ArgumentNullException.ThrowIfNull(manual);
        ArgumentNullException.ThrowIfNull(schema);
        List<string> problems = [];
        Dictionary<string, string[]> rows = ReadRows(manual, problems);
        foreach (string name in rows.Keys.Where(name => schema.Find(name) is null)) problems.Add($"the manual has '{name}', the schema has not");
        foreach (OptionDefinition option in schema.Definitions)
        {
            if (rows.TryGetValue(option.Name, out string[]? cells)) CompareRow(option, cells, problems);
            else problems.Add($"the schema has '{option.Name}', the manual has not");
        }

        return problems;
    }

    private static Dictionary<string, string[]> ReadRows(string manual, List<string> problems)
    {
        Dictionary<string, string[]> rows = new(StringComparer.Ordinal);
        IEnumerable<string> table = manual.Split('\n').Select(line => line.Trim())
            .SkipWhile(line => line != TableHead).TakeWhile(line => line.StartsWith('|'))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal));
        foreach (string line in table)
        {
            string[] cells = [.. line.Trim('|').Split('|').Select(cell => cell.Trim())];
            string name = cells[0].Trim('`');
            if (cells.Length != 4) problems.Add($"the row of '{name}' has {cells.Length} cells, not name, type, default and meaning");
            else if (!rows.TryAdd(name, cells)) problems.Add($"the manual has '{name}' twice");
        }

        return rows;
    }

    private static void CompareRow(OptionDefinition option, string[] cells, List<string> problems)
    {
        string type = DescribeType(option.Type);
        if (cells[1] != type) problems.Add($"'{option.Name}' is of type '{type}', the manual says '{cells[1]}'");
        string value = DescribeDefault(option);
        if (cells[2].Trim('`') != value) problems.Add($"the default of '{option.Name}' is '{value}', the manual says '{cells[2]}'");
        problems.AddRange(option.Choices
            .Where(choice => !cells[3].Contains($"`{choice}`", StringComparison.Ordinal))
            .Select(choice => $"the manual does not name the choice `{choice}` of '{option.Name}'"));
        if (cells[3].Length == 0) problems.Add($"the manual does not say what '{option.Name}' means");
    }

    private static string DescribeType(OptionType type) => type switch
    {
        OptionType.TextList => "list of texts",
        OptionType.Integer => "whole number",
        _ => type.ToString().ToLowerInvariant(),
    };

    private static string DescribeDefault(OptionDefinition option)
    {
        if (option.Required) return "required";
        return option.Default switch
        {
            null => "-",
            bool value => value ? "true" : "false",
            TimeSpan value => DescribeDuration(value),
            IReadOnlyList<string> { Count: 0 } => "-",
            IReadOnlyList<string> value => string.Join(", ", value),
            IFormattable value => value.ToString(null, CultureInfo.InvariantCulture),
            object value => value.ToString() ?? "-",
        };
    }

    private static string DescribeDuration(TimeSpan duration)
    {
        (double number, string unit) = duration < TimeSpan.FromMilliseconds(1) && duration > TimeSpan.Zero ? (duration.TotalMicroseconds, "us")
            : duration < TimeSpan.FromSeconds(1) && duration > TimeSpan.Zero ? (duration.TotalMilliseconds, "ms")
            : (duration.TotalSeconds, "s");
        return number.ToString(CultureInfo.InvariantCulture) + unit;
    }
}
