using System.Buffers;
using System.Text;
using System.Text.Unicode;

namespace TgtModular.Toml.Reading;

/// <summary>
/// The characters of a document after the checks that need no grammar: size, encoding, and the characters that TOML 1.0 allows nowhere.
/// </summary>
internal sealed class SourceText
{
    private const char ByteOrderMark = '\uFEFF';

    /// <summary>Control characters other than tab and line feed, lone surrogates' range, and U+FFFD, which Tomlyn takes for a decoding error.</summary>
    private static readonly SearchValues<char> Suspicious = SearchValues.Create(
        [.. Enumerable.Range(0, 0x20).Where(c => c is not ('\t' or '\n')).Append(0x7F).Concat(Enumerable.Range(0xD800, 0x800)).Append(0xFFFD).Select(c => (char)c)]);

    private SourceText(string text, string lexed)
    {
        Text = text;
        Lexed = lexed;
    }

    /// <summary>The document without byte order mark; forbidden characters, once reported, are spaces in it.</summary>
    public string Text { get; }

    /// <summary>The same for Tomlyn's lexer, equal in every offset: without U+FFFD, which that refuses although TOML allows it.</summary>
    public string Lexed { get; }

    public static SourceText? FromUtf8(ReadOnlySpan<byte> utf8, DiagnosticSink sink)
    {
        if (!CheckSize(utf8.Length, "bytes", sink))
            return null;
        if (LooksLikeUtf16(utf8))
        {
            sink.Add(new TomlPosition(1, 1), "the file looks like UTF-16: save it as UTF-8");
            return null;
        }

        if (!Utf8.IsValid(utf8))
        {
            ReportInvalidUtf8(utf8, sink);
            return null;
        }

        return Check(Encoding.UTF8.GetString(utf8), sink);
    }

    public static SourceText? FromString(string text, DiagnosticSink sink) => CheckSize(text.Length, "characters", sink) ? Check(text, sink) : null;

    private static bool CheckSize(int length, string unit, DiagnosticSink sink)
    {
        if (length <= sink.Options.MaximumSize)
            return true;
        sink.Add(new TomlPosition(1, 1), $"the document has {length} {unit}; at most {sink.Options.MaximumSize} are read");
        return false;
    }

    private static bool LooksLikeUtf16(ReadOnlySpan<byte> bytes) =>
        bytes.Length >= 2 && (bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] || (bytes[0] == 0) != (bytes[1] == 0));

    private static void ReportInvalidUtf8(ReadOnlySpan<byte> utf8, DiagnosticSink sink)
    {
        int offset = 0;
        int line = 1;
        int column = utf8.StartsWith("\uFEFF"u8) ? 0 : 1;
        while (Rune.DecodeFromUtf8(utf8[offset..], out Rune rune, out int consumed) == OperationStatus.Done)
        {
            (line, column) = rune.Value == '\n' ? (line + 1, 1) : (line, column + 1);
            offset += consumed;
        }

        sink.Add(new TomlPosition(line, column), $"the file is not UTF-8: byte 0x{utf8[offset]:X2} at offset {offset} begins no valid character");
    }

    private static SourceText Check(string text, DiagnosticSink sink)
    {
        if (text.StartsWith(ByteOrderMark))
            text = text[1..];
        int first = text.AsSpan().IndexOfAny(Suspicious);
        return first < 0 ? new SourceText(text, text) : CheckCharacters(text, first, sink);
    }

    private static SourceText CheckCharacters(string text, int first, DiagnosticSink sink)
    {
        char[] cleaned = text.ToCharArray();
        bool replacementSeen = false;
        var tracker = new PositionTracker(0, new TomlPosition(1, 1));
        for (int at = first, next; at < cleaned.Length; at = next)
        {
            next = at + 1;
            char c = cleaned[at];
            if (c == '\uFFFD')
            {
                replacementSeen = true;
            }
            else if (char.IsHighSurrogate(c) && next < cleaned.Length && char.IsLowSurrogate(cleaned[next]))
            {
                next++;
            }
            else if (c != '\r' || next == cleaned.Length || cleaned[next] != '\n')
            {
                cleaned[at] = ' ';
                if (!sink.IsFull)
                    sink.Add(tracker.MoveTo(cleaned, at), DescribeForbidden(c));
            }

            int found = cleaned.AsSpan(next).IndexOfAny(Suspicious);
            next = found < 0 ? cleaned.Length : next + found;
        }

        string checkedText = sink.IsEmpty ? text : new string(cleaned);
        return new SourceText(checkedText, replacementSeen ? checkedText.Replace('\uFFFD', '\uFFFC') : checkedText);
    }

    private static string DescribeForbidden(char c) => c switch
    {
        '\r' => "a carriage return must be followed by a line feed",
        >= '\uD800' and <= '\uDFFF' => $"half a surrogate pair (U+{(int)c:X4}) is no character",
        _ => $"the control character U+{(int)c:X4} is not allowed, not even in comments; in a basic string write \\u{(int)c:X4}",
    };
}
