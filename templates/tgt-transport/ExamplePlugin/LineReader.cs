using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace ExamplePlugin;

/// <summary>Lines of a stream; the limit comes before the content.</summary>
internal sealed class LineReader(Stream stream)
{
    private const int LongestLine = 4 << 20;

    private readonly PipeReader _reader = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));

    /// <summary>The next line; null when the peer is gone.</summary>
    /// <exception cref="InvalidDataException">The line is too long.</exception>
    public async ValueTask<string?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await _reader.ReadAsync(cancellationToken);
            if (result.Buffer.PositionOf((byte)'\n') is { } end)
            {
                string line = Encoding.ASCII.GetString(result.Buffer.Slice(0, end));
                _reader.AdvanceTo(result.Buffer.GetPosition(1, end));
                return line;
            }

            if (result.Buffer.Length > LongestLine) throw new InvalidDataException("a line is too long");
            if (result.IsCompleted) return null;
            _reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }
}
