using System.Text;

namespace TgtModular.Tgt.Tools;

/// <summary>Where a tool writes.</summary>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
public sealed record ToolStreams(TextWriter Output, TextWriter Error)
{
    /// <summary>The streams of this process, without what <see cref="Console"/> prepares for terminals: that costs a third of a short tool's time.</summary>
    public static ToolStreams OfProcess() => new(Writer(Console.OpenStandardOutput()), Writer(Console.OpenStandardError()));

    private static StreamWriter Writer(Stream stream) => new(stream, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true, NewLine = "\n" };
}
