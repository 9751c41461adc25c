namespace TgtModular.Tgt.Tools.Tests.Harness;

/// <summary>A tool's streams, kept.</summary>
internal sealed class Captured
{
    private readonly StringWriter _output = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };

    public Captured() => Streams = new ToolStreams(_output, _error);

    public ToolStreams Streams { get; }

    public string Output => _output.ToString();

    public string Error => _error.ToString();
}
