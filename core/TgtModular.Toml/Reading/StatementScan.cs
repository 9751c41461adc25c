using System.Buffers;

namespace TgtModular.Toml.Reading;

/// <summary>Guesses, after an error inside brackets, whether a line begins a new statement. It only decides what the next message is about.</summary>
internal static class StatementScan
{
    private static readonly SearchValues<char> Bare = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    /// <summary>True when the line at <paramref name="offset"/> reads <c>key =</c>, <c>[name]</c> or <c>[[name]]</c>.</summary>
    public static bool LooksLikeOne(string text, int offset)
    {
        ReadOnlySpan<char> line = text.AsSpan(offset);
        int end = line.IndexOf('\n');
        line = Trim(end < 0 ? line : line[..end]);
        int brackets = line.StartsWith("[[") ? 2 : line.StartsWith("[") ? 1 : 0;
        line = line[brackets..];
        if (!TakeKey(ref line))
            return false;
        if (brackets == 0)
            return line.StartsWith("=");
        if (!line.StartsWith(brackets == 2 ? "]]" : "]"))
            return false;
        line = Trim(line[brackets..]);
        return line.IsEmpty || line[0] == '#';
    }

    private static bool TakeKey(ref ReadOnlySpan<char> line)
    {
        while (true)
        {
            line = Trim(line);
            int length = line.StartsWith("\"") || line.StartsWith("'") ? line[1..].IndexOf(line[0]) + 2 : line.IndexOfAnyExcept(Bare);
            length = length < 0 ? line.Length : length;
            if (length <= 1 && (line.IsEmpty || !Bare.Contains(line[0])))
                return false;
            line = Trim(line[length..]);
            if (!line.StartsWith("."))
                return true;
            line = line[1..];
        }
    }

    private static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text) => text.Trim(" \t\r");
}
