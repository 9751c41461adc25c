using System.Text;

namespace TgtModular.Tgt.Tools.TargetsConf;

/// <summary>The rules inside one line of targets.conf: comments, backslashes, quotes, <c>name value</c> and <c>name = value</c>.</summary>
internal static class ConfigLine
{
    /// <summary>
    /// Takes away a comment and resolves <c>\#</c> and <c>\\</c>; any other backslash stands for itself.
    /// </summary>
    /// <param name="line">A line of the file.</param>
    /// <param name="continues">Whether it ends in a backslash: the next line belongs to it.</param>
    public static string Clean(string line, out bool continues)
    {
        continues = false;
        StringBuilder text = new(line.Length);
        for (int at = 0; at < line.Length; at++)
        {
            char character = line[at];
            if (character == '#') break;
            if (character != '\\')
            {
                _ = text.Append(character);
                continue;
            }

            if (at + 1 == line.Length)
            {
                continues = true;
                break;
            }

            if (line[at + 1] is '#' or '\\' or '"') at++;
            _ = text.Append(line[at]);
        }

        return text.ToString();
    }

    /// <summary>Splits a trimmed line into name and value.</summary>
    public static (string Name, string Value) Split(string line)
    {
        int end = 0;
        while (end < line.Length && !char.IsWhiteSpace(line[end]) && line[end] != '=') end++;
        string rest = line[end..].TrimStart();
        if (rest.StartsWith('=')) rest = rest[1..].TrimStart();
        return (line[..end], rest);
    }

    /// <summary>Takes the quotes away from around a value.</summary>
    public static string Unquote(string value) => value.Length > 1 && value[0] == '"' && value[^1] == '"' ? value[1..^1] : value;

    /// <summary>
    /// A value as it must stand in a file to be read back: also tgt's own tgt-admin reads it.
    /// </summary>
    /// <returns>Null for what no line can hold.</returns>
    public static string? Quote(string value)
    {
        if (value.AsSpan().IndexOfAny('\n', '\r', '\0') >= 0) return null;
        string escaped = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("#", "\\#", StringComparison.Ordinal);
        bool needsQuotes = value.Length == 0 || char.IsWhiteSpace(value[0]) || char.IsWhiteSpace(value[^1]) || value[0] is '=' or '"'
            || value.StartsWith("<<", StringComparison.Ordinal);
        return needsQuotes ? $"\"{escaped}\"" : escaped;
    }

    /// <summary>Words of a value; one that stands in quotes may have spaces.</summary>
    public static List<string> Words(string value)
    {
        List<string> words = [];
        int at = 0;
        while (true)
        {
            while (at < value.Length && char.IsWhiteSpace(value[at])) at++;
            if (at >= value.Length) return words;
            int close = value[at] == '"' ? value.IndexOf('"', at + 1) : -1;
            bool quoted = close > 0 && (close + 1 == value.Length || char.IsWhiteSpace(value[close + 1]));
            int end = quoted ? close + 1 : at;
            while (!quoted && end < value.Length && !char.IsWhiteSpace(value[end])) end++;
            words.Add(Unquote(value[at..end]));
            at = end;
        }
    }
}
