using System.Text.RegularExpressions;
using TgtModular.Plugins;
using TgtModular.Toml;

namespace TgtModular.Core.Configuration.Binding;

/// <summary>What all binders of one document share.</summary>
internal sealed partial class BindingContext(ProblemList problems, ISchemaSource schemas, string baseDirectory)
{
    public ProblemList Problems => problems;

    public ISchemaSource Schemas => schemas;

    public string BaseDirectory => baseDirectory;

    public OptionBinder Options { get; } = new(baseDirectory);

    /// <summary>The tables of <c>[kind.NAME]</c>; what is no table, or has a name that is none, is a problem.</summary>
    public IReadOnlyList<(string Name, TomlTable Table)> NamedTables(TableReader root, string kind)
    {
        if (root.Table(kind) is not { } tables) return [];
        var result = new List<(string, TomlTable)>();
        foreach (TomlEntry entry in tables)
        {
            if (entry.Value is not TomlTable table)
                problems.Error(entry.KeyPosition, $"'{kind}.{entry.Key}' wants a table: [{kind}.NAME]");
            else if (!NameForm.IsMatch(entry.Key))
                problems.Error(entry.KeyPosition,
                    $"'{entry.Key}' is no name for a {kind}: letters, digits, '.', '_' and '-' are wanted, 64 at most, a letter or digit first");
            else
                result.Add((entry.Key, table));
        }

        return result;
    }

    /// <summary>The plugin named by a key.</summary>
    public PluginReference? Plugin(TableReader table, string key)
    {
        if (table.Text(key) is not { } text) return null;
        if (PluginReference.TryParse(text, out PluginReference? reference)) return reference;
        problems.Error(table.PositionOf(key),
            $"'{text}' is no plugin's name: lower case letters, digits and hyphens, and perhaps a version, as in \"sbc@1.2\"");
        return null;
    }

    /// <summary>There is no such plugin; one that is left out since the last start makes no configuration wrong that was right before.</summary>
    public void NoPlugin(PluginKind kind, PluginReference reference, TomlPosition position, string problem)
    {
        if (schemas.IsLeftOut(kind, reference)) problems.Warning(position, problem);
        else problems.Error(position, problem);
    }

    /// <summary>True when a name is among those known; else a problem.</summary>
    public bool IsKnown(string kind, string name, IReadOnlyCollection<string> known, string referrer, TomlPosition position)
    {
        if (known.Contains(name)) return true;
        problems.Error(position, $"{referrer} names {kind} '{name}', which does not exist{Hint.For(name, known)}");
        return false;
    }

    /// <summary>True for a name that objects may have.</summary>
    public static bool IsName(string name) => NameForm.IsMatch(name);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameForm { get; }
}
