namespace TgtModular.Toml.Reading;

/// <summary>A table with the number of tables and arrays it stands in, the root not counted.</summary>
internal readonly record struct PlacedTable(TomlTable Table, int Depth);

/// <summary>
/// Puts tables and values where their keys say, and refuses what would define something twice (TOML 1.0.0, "Keys", "Table", "Inline Table", "Array of Tables").
/// </summary>
internal sealed class TableBuilder(DiagnosticSink sink)
{
    private int _values;

    public TomlTable Root { get; } = new(new TomlPosition(1, 1));

    /// <summary>The table that <c>[path]</c> or <c>[[path]]</c> opens; null when it conflicts, which is reported.</summary>
    public PlacedTable? OpenHeader(KeyPath path, bool isArray, TomlPosition position)
    {
        var place = new PlacedTable(Root, 0);
        for (int i = 0; i < path.Parts.Length - 1; i++)
        {
            if (StepThroughHeader(place, path, i) is not { } next)
                return null;
            place = next;
        }

        return isArray ? AppendTable(place, path, position) : DefineTable(place, path, position);
    }

    /// <summary>The table that the last part of a dotted key belongs to; null when a part before it conflicts, which is reported.</summary>
    public PlacedTable? OpenDotted(PlacedTable place, KeyPath path)
    {
        for (int i = 0; i < path.Parts.Length - 1; i++)
        {
            KeyPart part = path.Parts[i];
            if (!place.Table.TryGetEntry(part.Name, out TomlEntry entry))
            {
                if (NewTable(place, path.Parts[i], part.Position, TableOrigin.Dotted) is not { } created)
                    return null;
                place = created;
            }
            else if (entry.Value is TomlTable { Origin: TableOrigin.Dotted } table)
            {
                place = new PlacedTable(table, place.Depth + 1);
            }
            else
            {
                sink.Add(part.Position, $"'{path.Show(i)}' {Refer(entry)}; {WhyNotDotted(entry.Value)}");
                return null;
            }
        }

        return place;
    }

    /// <summary>Adds a key with its value, unless the table has it already.</summary>
    public void Add(TomlTable table, KeyPath path, TomlValue value)
    {
        if (table.TryGetEntry(path.Last.Name, out TomlEntry entry))
            ReportTwice(path, path.Parts.Length - 1, entry);
        else
            table.Add(path.Last.Name, value, path.Last.Position);
    }

    /// <summary>Counts a value against the limit; false when there are too many.</summary>
    public bool Count(TomlPosition position)
    {
        if (++_values <= sink.Options.MaximumValues)
            return true;
        if (!sink.IsFull)
            sink.Stop(position, $"the document has more than {sink.Options.MaximumValues} values");
        return false;
    }

    /// <summary>Checks how deep a table or array stands; false when too deep, which is reported.</summary>
    public bool CheckDepth(int depth, TomlPosition position)
    {
        if (depth <= sink.Options.MaximumDepth)
            return true;
        sink.Add(position, $"tables and arrays are nested more than {sink.Options.MaximumDepth} deep");
        return false;
    }

    private PlacedTable? StepThroughHeader(PlacedTable place, KeyPath path, int index)
    {
        KeyPart part = path.Parts[index];
        if (!place.Table.TryGetEntry(part.Name, out TomlEntry entry))
            return NewTable(place, part, part.Position, TableOrigin.Implied);
        switch (entry.Value)
        {
            case TomlTable { Inline: false } table:
                return new PlacedTable(table, place.Depth + 1);
            case TomlArray { FromHeaders: true } array:
                return new PlacedTable((TomlTable)array[^1], place.Depth + 2);
            default:
                string why = entry.Value is TomlTable ? "an inline table cannot be extended" : "a header cannot go through it";
                sink.Add(part.Position, $"'{path.Show(index)}' {Refer(entry)}; {why}");
                return null;
        }
    }

    private PlacedTable? DefineTable(PlacedTable place, KeyPath path, TomlPosition position)
    {
        if (!place.Table.TryGetEntry(path.Last.Name, out TomlEntry entry))
            return NewTable(place, path.Last, position, TableOrigin.Header);
        if (entry.Value is TomlTable { Origin: TableOrigin.Implied } table)
        {
            table.Origin = TableOrigin.Header;
            table.Position = position;
            return new PlacedTable(table, place.Depth + 1);
        }

        ReportTwice(path, path.Parts.Length - 1, entry);
        return null;
    }

    private PlacedTable? AppendTable(PlacedTable place, KeyPath path, TomlPosition position)
    {
        if (!CheckDepth(place.Depth + 2, position) || !Count(position))
            return null;
        if (!place.Table.TryGetEntry(path.Last.Name, out TomlEntry entry))
        {
            entry = new TomlEntry(path.Last.Name, path.Last.Position, new TomlArray(position) { FromHeaders = true });
            place.Table.Add(entry.Key, entry.Value, entry.KeyPosition);
        }

        if (entry.Value is TomlArray { FromHeaders: true } array)
        {
            var table = new TomlTable(position);
            array.Add(table);
            return new PlacedTable(table, place.Depth + 2);
        }

        string why = entry.Value is TomlArray ? "; [[...]] cannot extend an array written in brackets" : string.Empty;
        sink.Add(path.Last.Position, $"'{path}' {Refer(entry)}{why}");
        return null;
    }

    private PlacedTable? NewTable(PlacedTable place, KeyPart part, TomlPosition position, TableOrigin origin)
    {
        if (!CheckDepth(place.Depth + 1, position) || !Count(position))
            return null;
        var table = new TomlTable(position) { Origin = origin };
        place.Table.Add(part.Name, table, part.Position);
        return new PlacedTable(table, place.Depth + 1);
    }

    private void ReportTwice(KeyPath path, int index, TomlEntry first) => sink.Add(path.Parts[index].Position, $"'{path.Show(index)}' {Refer(first)}");

    private static string Refer(TomlEntry entry) => $"is {entry.Value.KindName} already, defined at {entry.KeyPosition}";

    private static string WhyNotDotted(TomlValue value) => value switch
    {
        TomlTable { Inline: true } => "an inline table cannot be extended",
        TomlTable => "a dotted key cannot add to a table that a header made",
        TomlArray { FromHeaders: true } => "a dotted key cannot add to an array of tables",
        _ => "a dotted key cannot go through it",
    };
}
