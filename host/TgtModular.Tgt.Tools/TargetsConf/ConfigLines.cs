using System.Text;

namespace TgtModular.Tgt.Tools.TargetsConf;

/// <summary>The lines of a file that say something: comments are gone, continued lines are one.</summary>
/// <param name="file">Name of the file.</param>
/// <param name="text">Its text.</param>
/// <param name="findings">Takes what is wrong.</param>
/// <param name="limits">How long a line may be.</param>
internal sealed class ConfigLines(string file, string text, ConfigFindings findings, ConfigLimits limits)
{
    private int _at;
    private int _line;

    /// <summary>Where the line begins.</summary>
    public ConfigPlace Place { get; private set; }

    /// <summary>The line; it has no white space around it and is not empty.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Goes to the next line.</summary>
    /// <returns>False at the end.</returns>
    public bool Next()
    {
        while (TryRead(out string raw))
        {
            Place = new ConfigPlace(file, _line);
            if (raw.AsSpan().TrimStart().StartsWith("/*"))
            {
                SkipComment(raw);
                continue;
            }

            Text = Whole(raw).Trim();
            if (Text.Length > 0) return true;
        }

        return false;
    }

    private string Whole(string raw)
    {
        string line = ConfigLine.Clean(raw, out bool continues);
        if (!continues) return line;
        StringBuilder whole = new(line);
        while (continues && TryRead(out string next))
        {
            string more = ConfigLine.Clean(next.TrimStart(), out continues);
            if (whole.Length <= limits.LineLength) _ = whole.Append(more);
        }

        if (whole.Length <= limits.LineLength) return whole.ToString();
        findings.Error(Place, $"the line is longer than {limits.LineLength} characters");
        return "";
    }

    private void SkipComment(string raw)
    {
        string line = raw.TrimStart()[2..];
        while (!line.Contains("*/", StringComparison.Ordinal))
        {
            if (TryRead(out line)) continue;
            findings.Error(Place, "the comment has no */");
            return;
        }
    }

    private bool TryRead(out string line)
    {
        line = "";
        if (_at >= text.Length) return false;
        int end = text.IndexOf('\n', _at);
        if (end < 0) end = text.Length;
        line = text[_at..end].TrimEnd('\r');
        _at = end + 1;
        _line++;
        if (line.Length > limits.LineLength) Refuse(ref line, $"the line is longer than {limits.LineLength} characters");
        else if (line.Contains('\0', StringComparison.Ordinal)) Refuse(ref line, "the line has a NUL in it");
        return true;
    }

    private void Refuse(ref string line, string message)
    {
        findings.Error(new ConfigPlace(file, _line), message);
        line = "";
    }
}
