using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace TgtModular.Tool;

/// <summary>How answers are shown.</summary>
internal enum OutputFormat
{
    /// <summary>Tables for people.</summary>
    Table,

    /// <summary>JSON for programs, as the daemon gives it.</summary>
    Json,
}

/// <summary>Shows answers.</summary>
internal static class Output
{
    /// <summary>A list: its JSON, or a table with one row for each item.</summary>
    public static void List<T>(OutputFormat format, IReadOnlyList<T> items, JsonTypeInfo<IReadOnlyList<T>> type, string[] headings, Func<T, string?[]> row)
    {
        if (format == OutputFormat.Json)
        {
            Console.WriteLine(JsonSerializer.Serialize(items, type));
            return;
        }

        Table table = new Table().Border(TableBorder.None);
        foreach (string heading in headings) _ = table.AddColumn(new TableColumn(new Text(heading)).NoWrap().PadRight(2));
        foreach (T item in items) _ = table.AddRow([.. row(item).Select(cell => new Text(string.IsNullOrEmpty(cell) ? "-" : cell))]);
        Terminal().Write(table);
    }

    /// <summary>One object: its JSON, or its fields one to a line.</summary>
    public static void One<T>(OutputFormat format, T item, JsonTypeInfo<T> type, Func<T, (string Name, string? Value)[]> fields)
    {
        if (format == OutputFormat.Json)
        {
            Console.WriteLine(JsonSerializer.Serialize(item, type));
            return;
        }

        Table table = new Table().Border(TableBorder.None).HideHeaders().AddColumn(new TableColumn("").NoWrap().PadRight(2)).AddColumn(
            new TableColumn("").NoWrap());
        foreach ((string name, string? value) in fields(item)) _ = table.AddRow(new Text(name), new Text(string.IsNullOrEmpty(value) ? "-" : value));
        Terminal().Write(table);
    }

    /// <summary>Names and values, as <c>a=1 b=2</c>.</summary>
    public static string Pairs(IReadOnlyDictionary<string, string> values) =>
        string.Join(' ', values.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => $"{entry.Key}={entry.Value}"));

    /// <summary>Lines that leave for a file or a program are never folded.</summary>
    private static IAnsiConsole Terminal()
    {
        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 10_000;
        return AnsiConsole.Console;
    }
}
