using TgtModular.Core.Configuration.Binding;
using TgtModular.Toml;

namespace TgtModular.Core.Configuration;

/// <summary>What binding a document gave.</summary>
/// <param name="State">The desired state; null when anything is wrong with the document.</param>
/// <param name="Problems">Everything found, in the order of the document.</param>
public sealed record ConfigurationResult(DesiredState? State, IReadOnlyList<ConfigurationProblem> Problems);

/// <summary>
/// A configuration file that was read but not yet bound: what is needed to find plugins can be told already, the rest is checked by <see cref="Bind"/> with
/// the schemas of the plugins. Bad input gives problems, never exceptions.
/// </summary>
public sealed class ConfigurationDocument
{
    /// <summary>Largest file that is read, in bytes.</summary>
    public const int MaximumSize = 4 << 20;

    private readonly string _fileName;
    private readonly string _baseDirectory;
    private readonly TomlTable? _root;
    private readonly IReadOnlyList<ConfigurationProblem> _problems;

    private ConfigurationDocument(string fileName, string baseDirectory, TomlTable? root, IReadOnlyList<ConfigurationProblem> problems)
    {
        _fileName = fileName;
        _baseDirectory = baseDirectory;
        _root = root;
        _problems = problems;
        Preamble = root is null ? DesiredState.Empty
            : new DaemonBinder(new ProblemList(fileName), baseDirectory).BindPreamble(new TableReader(root, "the file", new ProblemList(fileName)));
    }

    /// <summary>Directories and options of the daemon, as far as they are right; without transports, stores, units and targets.</summary>
    public DesiredState Preamble { get; }

    /// <summary>What is wrong when the file could not even be read as TOML; else empty.</summary>
    public IReadOnlyList<ConfigurationProblem> ReadProblems => _problems;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file; relative paths in it count from its directory.</param>
    public static ConfigurationDocument Load(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        if (path.Length == 0) return new ConfigurationDocument("", "/", null, [new ConfigurationProblem("''", default, "this is no name of a file")]);
        try
        {
            using FileStream file = File.OpenRead(path);
            byte[] bytes = new byte[MaximumSize + 1];
            int length = file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            return Parse(bytes.AsSpan(0, length), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string message = e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "there is no such file",
                UnauthorizedAccessException when Directory.Exists(path) => "this is a directory; a file is wanted",
                UnauthorizedAccessException => "permission denied",
                _ => e.Message,
            };
            return new ConfigurationDocument(path, "/", null, [new ConfigurationProblem(path, default, message)]);
        }
    }

    /// <summary>Reads the text of a file.</summary>
    /// <param name="utf8">Its bytes.</param>
    /// <param name="path">Its name; no file is opened. Relative paths in the text count from its directory.</param>
    public static ConfigurationDocument Parse(ReadOnlySpan<byte> utf8, string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        TomlParseResult parsed = TomlDocument.Parse(utf8, path, new TomlReadOptions { MaximumSize = MaximumSize });
        string baseDirectory = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        List<ConfigurationProblem> problems = [.. parsed.Diagnostics.Select(problem => new ConfigurationProblem(path, problem.Position, problem.Message))];
        if (parsed.Root is { } root)
            problems.AddRange(NulTexts(root).Select(text => new ConfigurationProblem(path, text.Position, "a text with a NUL character (\\u0000) in it")));
        return new ConfigurationDocument(path, baseDirectory, problems.Count == 0 ? parsed.Root : null, problems);
    }

    /// <summary>Checks everything and makes the desired state of it.</summary>
    /// <param name="schemas">The plugins' schemas.</param>
    public ConfigurationResult Bind(ISchemaSource schemas)
    {
        ArgumentNullException.ThrowIfNull(schemas);
        if (_root is null) return new ConfigurationResult(null, _problems);
        var problems = new ProblemList(_fileName);
        DesiredState state = new DocumentBinder(problems, schemas, _baseDirectory).Bind(_root);
        return new ConfigurationResult(problems.HasErrors ? null : state, problems.ToSorted());
    }

    /// <summary>TOML can write a NUL. Paths, names on the wire and INQUIRY data cannot have one, and no option has a use for it.</summary>
    private static IEnumerable<TomlValue> NulTexts(TomlValue value) => value switch
    {
        TomlString text => text.Value.Contains('\0', StringComparison.Ordinal) ? [text] : [],
        TomlArray array => array.SelectMany(NulTexts),
        TomlTable table => table.SelectMany(entry => NulTexts(entry.Value)),
        _ => [],
    };
}
