using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using TgtModular.Plugins;
using TgtModular.Toml;

namespace TgtModular.Core.Plugins;

/// <summary>Reads <c>plugin.toml</c>. Every error is told with its position; nothing is guessed.</summary>
internal sealed partial class PluginManifestReader
{
    /// <summary>Most bytes of a manifest.</summary>
    public const int MaximumLength = 1 << 20;

    /// <summary>Most files of a plugin.</summary>
    public const int MaximumFiles = 4096;

    private const int MaximumExports = 64;
    private const int MaximumPathLength = 512;
    private const long Format = 1;

    private static readonly string[] Keys = ["manifest", "name", "version", "contract", "concurrency", "license", "assembly", "exports", "file"];
    private static readonly Dictionary<string, PluginConcurrency> Concurrencies = new(StringComparer.Ordinal)
    {
        ["serial"] = PluginConcurrency.Serial,
        ["per-instance"] = PluginConcurrency.PerInstance,
        ["parallel"] = PluginConcurrency.Parallel,
    };

    private static readonly Dictionary<string, PluginKind> Kinds =
        Enum.GetValues<PluginKind>().ToDictionary(PluginExport.KindName, StringComparer.Ordinal);

    private readonly string _fileName;
    private readonly List<string> _errors = [];

    private PluginManifestReader(string fileName) => _fileName = fileName;

    /// <summary>Reads a manifest.</summary>
    /// <param name="utf8">Its bytes.</param>
    /// <param name="fileName">What messages call it.</param>
    /// <param name="errors">Each as <c>file:line:column: message</c>; empty when there is a manifest.</param>
    public static PluginManifest? Read(ReadOnlySpan<byte> utf8, string fileName, out IReadOnlyList<string> errors)
    {
        TomlParseResult document = TomlDocument.Parse(utf8, fileName, new TomlReadOptions { MaximumSize = MaximumLength, MaximumDiagnostics = 10 });
        if (!document.Success)
        {
            errors = [.. document.Diagnostics.Select(diagnostic => diagnostic.ToString())];
            return null;
        }

        var reader = new PluginManifestReader(fileName);
        PluginManifest? manifest = reader.ReadRoot(document.Root);
        errors = reader._errors;
        return manifest;
    }

    private PluginManifest? ReadRoot(TomlTable root)
    {
        if (root.TryGetValue("manifest", out TomlValue? format) && format is TomlInteger { Value: > Format })
        {
            Error(format, $"this manifest has format {((TomlInteger)format).Value}; this host reads format {Format}: it needs a newer host");
            return null;
        }

        RefuseUnknown(root, Keys);
        if (format is not TomlInteger { Value: Format }) Error(format ?? root, $"'manifest = {Format}' is missing");
        string? name = ReadName(root, "name");
        PluginVersion? version = ReadVersion(root);
        ContractRange? contract = ReadContract(root);
        PluginConcurrency concurrency = ReadChoice(root, "concurrency", Concurrencies);
        string? license = ReadText(root, "license");
        string? assembly = ReadText(root, "assembly");
        List<PluginExport> exports = ReadExports(root);
        List<PluginFile> files = ReadFiles(root);
        if (assembly is not null && files.Count > 0 && !files.Exists(file => file.Path == assembly))
            Error(root["assembly"], $"'{assembly}' is not among the files");
        return _errors.Count > 0 ? null : new PluginManifest(name!, version!, contract!, concurrency, license!, assembly!, exports, files);
    }

    private PluginVersion? ReadVersion(TomlTable table)
    {
        string? text = ReadText(table, "version");
        if (text is null) return null;
        if (PluginVersion.TryParse(text, out PluginVersion? version)) return version;
        Error(table["version"], $"'{text}' is not a version: major.minor.patch, with or without a prerelease label");
        return null;
    }

    private ContractRange? ReadContract(TomlTable root)
    {
        if (!TryGet(root, "contract", TomlKind.Table, out TomlValue? value)) return null;
        var table = (TomlTable)value;
        RefuseUnknown(table, ["minimum", "below"]);
        Version? minimum = ReadContractVersion(table, "minimum");
        Version? below = ReadContractVersion(table, "below");
        return minimum is null || below is null ? null : new ContractRange(minimum, below);
    }

    private Version? ReadContractVersion(TomlTable table, string key)
    {
        string? text = ReadText(table, key);
        if (text is null) return null;
        if (Version.TryParse(text, out Version? version) && version.Build < 0) return version;
        Error(table[key], $"'{text}' is not a contract version: major.minor");
        return null;
    }

    private List<PluginExport> ReadExports(TomlTable root)
    {
        List<PluginExport> exports = [];
        foreach (TomlTable table in ReadTables(root, "exports", MaximumExports))
        {
            RefuseUnknown(table, ["kind", "name"]);
            PluginKind kind = ReadChoice(table, "kind", Kinds);
            string? name = ReadName(table, "name");
            if (name is null) continue;
            var export = new PluginExport(kind, name);
            if (exports.Contains(export)) Error(table, $"{export} stands here twice");
            exports.Add(export);
        }

        return exports;
    }

    private List<PluginFile> ReadFiles(TomlTable root)
    {
        List<PluginFile> files = [];
        HashSet<string> paths = new(StringComparer.Ordinal);
        foreach (TomlTable table in ReadTables(root, "file", MaximumFiles))
        {
            RefuseUnknown(table, ["path", "sha256"]);
            string? path = ReadText(table, "path");
            string? hash = ReadText(table, "sha256");
            if (path is not null && !IsInside(path)) Error(table["path"], $"'{path}' does not name a file below the plugin's folder");
            else if (path is not null && !paths.Add(path)) Error(table["path"], $"'{path}' stands here twice");
            if (hash is not null && !HashForm.IsMatch(hash)) Error(table["sha256"], "a SHA-256 hash of 64 hexadecimal digits is wanted");
            if (path is not null && hash is not null) files.Add(new PluginFile(path, hash.ToUpperInvariant()));
        }

        return files;
    }

    private IEnumerable<TomlTable> ReadTables(TomlTable root, string key, int maximum)
    {
        if (!TryGet(root, key, TomlKind.Array, out TomlValue? value)) yield break;
        var array = (TomlArray)value;
        if (array.Count == 0) Error(array, $"'{key}' is empty");
        if (array.Count > maximum) Error(array, $"'{key}' has {array.Count} entries; {maximum} are allowed");
        foreach (TomlValue item in array.Take(maximum))
        {
            if (item is TomlTable table) yield return table;
            else Error(item, $"'{key}' is a list of tables; this is {item.KindName}");
        }
    }

    private string? ReadName(TomlTable table, string key)
    {
        string? name = ReadText(table, key);
        if (name is null || NameForm.IsMatch(name)) return name;
        Error(table[key], $"'{name}' is not a name: up to 64 lower case letters, digits and hyphens");
        return null;
    }

    private T ReadChoice<T>(TomlTable table, string key, Dictionary<string, T> choices)
        where T : struct
    {
        string? text = ReadText(table, key);
        if (text is null) return default;
        if (choices.TryGetValue(text, out T value)) return value;
        Error(table[key], $"'{text}' is none of {string.Join(", ", choices.Keys)}");
        return default;
    }

    private string? ReadText(TomlTable table, string key)
    {
        if (!TryGet(table, key, TomlKind.String, out TomlValue? value)) return null;
        string text = ((TomlString)value).Value;
        if (text.Length is > 0 and <= MaximumPathLength && !text.Any(char.IsControl)) return text;
        Error(value, $"'{key}' is empty, too long or has control characters");
        return null;
    }

    private bool TryGet(TomlTable table, string key, TomlKind kind, [NotNullWhen(true)] out TomlValue? value)
    {
        if (!table.TryGetValue(key, out value)) Error(table, $"'{key}' is missing");
        else if (value.Kind != kind) Error(value, $"'{key}' is {TomlValue.Describe(kind)}, not {value.KindName}");
        else return true;
        return false;
    }

    private void RefuseUnknown(TomlTable table, string[] known)
    {
        foreach (TomlEntry entry in table)
        {
            if (known.Contains(entry.Key)) continue;
            string hint = Suggestions.Closest(entry.Key, known) is { } closest ? $" (did you mean '{closest}'?)" : "";
            Error(entry.KeyPosition, $"there is no key '{entry.Key}' here{hint}");
        }
    }

    private static bool IsInside(string path) =>
        !path.Contains('\\') && Array.TrueForAll(path.Split('/'), part => part.Length > 0 && part is not "." and not "..");

    private void Error(TomlValue where, string message) => Error(where.Position, message);

    private void Error(TomlPosition where, string message)
    {
        TomlPosition shown = where.IsKnown ? where : new TomlPosition(1, 1);
        _errors.Add(new TomlDiagnostic(_fileName, shown, message).ToString());
    }

    [GeneratedRegex(@"\A(?=.{1,64}\z)[a-z0-9]+(-[a-z0-9]+)*\z", RegexOptions.CultureInvariant)]
    private static partial Regex NameForm { get; }

    [GeneratedRegex(@"\A[0-9A-Fa-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex HashForm { get; }
}
