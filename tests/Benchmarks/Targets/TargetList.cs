using System.Globalization;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Benchmarks.Targets;

/// <summary>Targets as they are written on the command line.</summary>
internal static class TargetList
{
    /// <summary>The forms.</summary>
    public const string Help = """
        ours[@TREE][,OPTION=VALUE...]: tgtd of artifacts/tgt, or of another built tree, with options of its iSCSI transport, store.NAME=VALUE for its file stores, and env.NAME=VALUE for its environment; tgt: Debian's C tgtd;
        iscsi://ADDRESS[:PORT]/TARGET-NAME/LUN[,pid=N]: whatever runs there. NAME= before it names it in the table
        """;

    /// <summary>Makes a target.</summary>
    /// <exception cref="BenchmarkException">The text is none.</exception>
    public static TestTarget Parse(string text, string tree, BenchData data, bool spread)
    {
        string[] parts = text.Split(',');
        (string name, string what) = NameOf(parts[0]);
        if (what.StartsWith("iscsi://", StringComparison.OrdinalIgnoreCase)) return Foreign(name, what, parts[1..]);
        if (what == "tgt" && parts.Length == 1) return new TgtDaemon(name, data, spread);
        int at = what.IndexOf('@', StringComparison.Ordinal);
        if ((at < 0 ? what : what[..at]) != "ours") throw new BenchmarkException($"no target is called '{text}': {Help}");
        return new OurDaemon(name, at < 0 ? tree : Path.GetFullPath(what[(at + 1)..]), [.. parts[1..].Select(OptionOf)], data, spread);
    }

    private static (string Name, string What) NameOf(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals > 0) return (text[..equals], text[(equals + 1)..]);
        int at = text.IndexOf('@', StringComparison.Ordinal);
        return (at > 0 ? text[..at] : text, text);
    }

    private static ForeignTarget Foreign(string name, string url, string[] more)
    {
        if (!TargetAddress.TryParse(url, out TargetAddress? address)) throw new BenchmarkException($"'{url}' is not of the form iscsi://ADDRESS[:PORT]/TARGET-NAME/LUN");
        int? processId = more switch
        {
            [] => null,
            [['p', 'i', 'd', '=', .. string number]] when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int value) => value,
            _ => throw new BenchmarkException($"'{string.Join(',', more)}' is not of the form pid=N"),
        };
        return new ForeignTarget(name == url ? "other" : name, address, processId);
    }

    private static (string Name, string Value) OptionOf(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 ? (text[..equals], text[(equals + 1)..]) : throw new BenchmarkException($"'{text}' is not of the form OPTION=VALUE");
    }
}
