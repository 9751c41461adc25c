using System.Text;
using Microsoft.Win32.SafeHandles;

namespace TgtModular.Tgt.Tools.TargetsConf;

/// <summary>
/// Reads the layout of targets.conf: options, Apache-style blocks, comments (<c>#</c> and <c>/* */</c>), lines continued by a backslash, and
/// included files, directories and patterns. What the names mean is no matter here.
/// </summary>
/// <param name="findings">Takes what is wrong.</param>
/// <param name="limits">How much is read.</param>
internal sealed class ConfigReader(ConfigFindings findings, ConfigLimits limits)
{
    private const string Include = "include";
    private readonly Stack<string> _open = new();
    private int _files;
    private long _bytes;

    /// <summary>Reads a file and all that it includes.</summary>
    public List<ConfigNode> Read(string path)
    {
        List<ConfigNode> nodes = [];
        ReadFile(path, new ConfigPlace(path, 0), nodes);
        return nodes;
    }

    private void ReadFile(string path, ConfigPlace from, List<ConfigNode> into)
    {
        string identity = Identity(path);
        if (_open.Contains(identity))
        {
            findings.Error(from, $"{path} includes itself");
            return;
        }

        if (_open.Count >= limits.Depth)
        {
            findings.Error(from, $"more than {limits.Depth} files include each other: {path} is not read");
            return;
        }

        if (++_files > limits.Files)
        {
            if (_files == limits.Files + 1) findings.Error(from, $"more than {limits.Files} files are included");
            return;
        }

        if (ReadText(path, from) is not { } text) return;
        _open.Push(identity);
        ReadNodes(new ConfigLines(path, text, findings, limits), into);
        _ = _open.Pop();
    }

    /// <summary>Two names of one file are one file; a link that leads nowhere is its own.</summary>
    private static string Identity(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        }
        catch (IOException)
        {
            return Path.GetFullPath(path);
        }
    }

    private string? ReadText(string path, ConfigPlace from)
    {
        try
        {
            using SafeFileHandle? handle = NativeFile.OpenForReading(path, exclusive: false, out string why);
            if (handle == null) return Refuse(from, $"{path}: {why}");
            using FileStream stream = new(handle, FileAccess.Read, bufferSize: 0);
            if (!stream.CanSeek) return Refuse(from, $"{path} is no regular file");
            long left = limits.Bytes - _bytes;
            byte[] bytes = new byte[(int)Math.Min(left + 1, Math.Max(stream.Length, 1) + 1)];
            int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length > left || stream.ReadByte() >= 0) return Refuse(from, $"{path}: the configuration is longer than {limits.Bytes} bytes");
            _bytes += length;
            return Encoding.UTF8.GetString(bytes, 0, length).TrimStart('\uFEFF');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return Refuse(from, $"{path} cannot be read: {exception.Message}");
        }
    }

    private string? Refuse(ConfigPlace from, string message)
    {
        findings.Error(from, message);
        return null;
    }

    private void ReadNodes(ConfigLines lines, List<ConfigNode> top)
    {
        Stack<ConfigNode> blocks = new();
        while (lines.Next())
        {
            List<ConfigNode> into = blocks.Count == 0 ? top : blocks.Peek().Children!;
            if (lines.Text.StartsWith("</", StringComparison.Ordinal)) Close(lines, blocks);
            else if (lines.Text[0] == '<') Open(lines, blocks, into);
            else ReadOption(lines, into);
        }

        foreach (ConfigNode open in blocks) findings.Error(open.Place, $"<{open.Name} {open.Value}> has no </{open.Name}>");
    }

    private void Open(ConfigLines lines, Stack<ConfigNode> blocks, List<ConfigNode> into)
    {
        if (lines.Text[^1] != '>')
        {
            findings.Error(lines.Place, "a block's first line ends in '>', and nothing follows it");
            return;
        }

        bool closed = lines.Text.EndsWith("/>", StringComparison.Ordinal);
        (string name, string value) = ConfigLine.Split(lines.Text[1..^(closed ? 2 : 1)].Trim());
        ConfigNode node = new(name, ConfigLine.Unquote(value), lines.Place, []);
        if (blocks.Count >= limits.Nesting) findings.Error(lines.Place, $"more than {limits.Nesting} blocks stand in each other");
        else into.Add(node);
        if (!closed) blocks.Push(node);
    }

    private void Close(ConfigLines lines, Stack<ConfigNode> blocks)
    {
        string name = lines.Text[2..].TrimEnd('>').Trim();
        if (blocks.Count == 0)
        {
            findings.Error(lines.Place, $"</{name}> closes nothing");
            return;
        }

        ConfigNode open = blocks.Pop();
        if (!open.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            findings.Error(lines.Place, $"</{name}> closes <{open.Name} {open.Value}> of line {open.Place.Line}");
    }

    private void ReadOption(ConfigLines lines, List<ConfigNode> into)
    {
        ConfigPlace place = lines.Place;
        (string name, string value) = ConfigLine.Split(lines.Text);
        if (value.StartsWith("<<", StringComparison.Ordinal))
        {
            findings.Error(place, "here-documents are not read: no value has more than one line");
            return;
        }

        value = ConfigLine.Unquote(value);
        if (name.Equals(Include, StringComparison.OrdinalIgnoreCase)) ReadIncluded(value, place, into);
        else if (name.Length == 0) findings.Error(place, "a name is missing before '='");
        else into.Add(new ConfigNode(name, value, place, null));
    }

    private void ReadIncluded(string value, ConfigPlace place, List<ConfigNode> into)
    {
        if (value.Length == 0)
        {
            findings.Error(place, "include needs a path");
            return;
        }

        // A path means the same wherever the tool is started: it counts from the file it stands in.
        string path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(place.File)) ?? "/", value);
        IEnumerable<string> files = ConfigGlob.IsPattern(path) ? ConfigGlob.Expand(path) : [path];
        foreach (string file in files)
        {
            if (!Directory.Exists(file)) ReadFile(file, place, into);
            else if (!ConfigGlob.IsPattern(path)) ReadDirectory(file, place, into);
        }
    }

    private void ReadDirectory(string directory, ConfigPlace place, List<ConfigNode> into)
    {
        foreach (string file in ConfigGlob.Expand(directory + "/*"))
        {
            if (!Directory.Exists(file)) ReadFile(file, place, into);
        }
    }
}
