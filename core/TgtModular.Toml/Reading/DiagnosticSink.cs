namespace TgtModular.Toml.Reading;

/// <summary>Collects what is wrong with one document, up to the limit; readers stop when it is full.</summary>
internal sealed class DiagnosticSink(string fileName, TomlReadOptions options)
{
    private readonly List<TomlDiagnostic> _diagnostics = [];
    private bool _stopped;

    public TomlReadOptions Options { get; } = options;

    public bool IsEmpty => _diagnostics.Count == 0;

    /// <summary>True when reading must end: enough was found, or a limit on the whole document is exceeded.</summary>
    public bool IsFull => _stopped || _diagnostics.Count >= Options.MaximumDiagnostics;

    public void Add(TomlPosition position, string message)
    {
        if (!IsFull || IsEmpty)
            _diagnostics.Add(new TomlDiagnostic(fileName, position, message));
    }

    /// <summary>Reports what makes reading on pointless.</summary>
    public void Stop(TomlPosition position, string message)
    {
        Add(position, message);
        _stopped = true;
    }

    /// <summary>The diagnostics in the order of the document.</summary>
    public TomlParseResult ToResult()
    {
        List<TomlDiagnostic> sorted = [.. _diagnostics.OrderBy(d => d.Position)];
        if (sorted.Count >= Options.MaximumDiagnostics)
            sorted.Add(new TomlDiagnostic(fileName, sorted[^1].Position, $"reading stopped after {sorted.Count} errors"));
        return new TomlParseResult(sorted);
    }
}
