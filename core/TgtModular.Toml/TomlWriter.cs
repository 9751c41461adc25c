using System.Globalization;
using System.Text;

namespace TgtModular.Toml;

/// <summary>
/// Writes documents of TOML 1.0.0 that read back equal. Tables become headers, arrays of tables <c>[[headers]]</c>, tables that lead to one value
/// only dotted keys (where their parent has a header anyway), tables in arrays and those marked <see cref="TomlTable.Inline"/> braces. Lines end in LF.
/// </summary>
public static class TomlWriter
{
    private const int LineWidth = 100;

    /// <summary>In parts.</summary>
    private const int LongestDottedKey = 4;

    /// <summary>The document whose root is <paramref name="root"/>.</summary>
    /// <exception cref="ArgumentException">A string holds half a surrogate pair, or tables and arrays are nested more than 256 deep.</exception>
    public static string Write(TomlTable root)
    {
        ArgumentNullException.ThrowIfNull(root);
        var builder = new StringBuilder();
        new Writing(builder).Body(root, [], dotted: false, depth: 0);
        return builder.ToString();
    }

    private sealed class Writing(StringBuilder builder)
    {
        /// <summary>The keys below a header, then the tables that need headers of their own.</summary>
        public void Body(TomlTable table, string[] path, bool dotted, int depth)
        {
            CheckDepth(depth);
            foreach (TomlEntry entry in table.Where(e => !NeedsHeader(e.Value, dotted)))
                Pair(Key(entry.Key), entry.Value, depth);
            foreach (TomlEntry entry in table.Where(e => NeedsHeader(e.Value, dotted)))
                Section(entry, [.. path, Key(entry.Key)], depth);
        }

        private void Section(TomlEntry entry, string[] path, int depth)
        {
            if (entry.Value is TomlArray array)
            {
                foreach (TomlTable element in array.Cast<TomlTable>())
                {
                    Header("[[", path, "]]");
                    Body(element, path, dotted: true, depth + 2);
                }
            }
            else
            {
                var table = (TomlTable)entry.Value;
                bool hasValues = table.Any(e => !NeedsHeader(e.Value, dotted: false));
                if (table.Count == 0 || hasValues)
                    Header("[", path, "]");
                Body(table, path, dotted: hasValues, depth + 1);
            }
        }

        private void Header(string open, string[] path, string close)
        {
            if (builder.Length > 0)
                _ = builder.Append('\n');
            _ = builder.Append(open).AppendJoin('.', path).Append(close).Append('\n');
        }

        private void Pair(string key, TomlValue value, int depth)
        {
            if (value is TomlTable { Inline: false, Count: 1 } table)
            {
                CheckDepth(depth);
                TomlEntry only = table.First();
                Pair($"{key}.{Key(only.Key)}", only.Value, depth + 1);
                return;
            }

            _ = builder.Append(key).Append(" = ");
            if (value is TomlArray array)
                LongArray(array, depth + 1);
            else
                Value(value, depth + 1);
            _ = builder.Append('\n');
        }

        /// <summary>An array on one line, or one value to a line where that would be long.</summary>
        private void LongArray(TomlArray array, int depth)
        {
            int start = builder.Length;
            Value(array, depth);
            if (builder.Length - start <= LineWidth)
                return;
            builder.Length = start;
            _ = builder.Append("[\n");
            foreach (TomlValue item in array)
            {
                _ = builder.Append("  ");
                Value(item, depth + 1);
                _ = builder.Append(",\n");
            }

            _ = builder.Append(']');
        }

        private void Value(TomlValue value, int depth)
        {
            switch (value)
            {
                case TomlTable table:
                    CheckDepth(depth);
                    Inline(table, depth);
                    break;
                case TomlArray array:
                    CheckDepth(depth);
                    _ = builder.Append('[');
                    Separated(array, item => Value(item, depth + 1));
                    _ = builder.Append(']');
                    break;
                default:
                    Scalar(value);
                    break;
            }
        }

        private void Inline(TomlTable table, int depth)
        {
            if (table.Count == 0)
            {
                _ = builder.Append("{}");
                return;
            }

            _ = builder.Append("{ ");
            Separated(table, entry =>
            {
                _ = builder.Append(Key(entry.Key)).Append(" = ");
                Value(entry.Value, depth + 1);
            });
            _ = builder.Append(" }");
        }

        private void Separated<T>(IEnumerable<T> items, Action<T> write)
        {
            string separator = string.Empty;
            foreach (T item in items)
            {
                _ = builder.Append(separator);
                write(item);
                separator = ", ";
            }
        }

        private void Scalar(TomlValue value)
        {
            _ = builder.Append(value switch
            {
                TomlString text => Quote(text.Value),
                TomlInteger integer => integer.Value.ToString(CultureInfo.InvariantCulture),
                TomlFloat number => Number(number.Value),
                TomlBoolean boolean => boolean.Value ? "true" : "false",
                TomlOffsetDateTime instant => Instant(instant.Value),
                TomlLocalDateTime local => local.Value.ToString("yyyy-MM-ddTHH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
                TomlLocalDate date => date.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                TomlLocalTime time => time.Value.ToString("HH:mm:ss.FFFFFFF", CultureInfo.InvariantCulture),
                _ => throw new ArgumentException($"{value.KindName} cannot be written", nameof(value)),
            });
        }
    }

    private static string Instant(DateTimeOffset instant) =>
        instant.ToString(instant.Offset == TimeSpan.Zero ? "yyyy-MM-ddTHH:mm:ss.FFFFFFFZ" : "yyyy-MM-ddTHH:mm:ss.FFFFFFFzzz", CultureInfo.InvariantCulture);

    /// <summary>True for what only a header can hold: tables and arrays of tables, unless braces are asked for or a dotted key is shorter.</summary>
    private static bool NeedsHeader(TomlValue value, bool dotted) => value switch
    {
        TomlTable { Inline: true } => false,
        TomlTable table => !dotted || !LeadsToOneValue(table),
        TomlArray { Count: > 0 } array => array.All(item => item is TomlTable { Inline: false }),
        _ => false,
    };

    private static bool LeadsToOneValue(TomlTable table)
    {
        for (int parts = 1; table.Count == 1 && parts < LongestDottedKey; parts++)
        {
            TomlValue value = table.First().Value;
            if (value is not TomlTable { Inline: false } next)
                return !NeedsHeader(value, dotted: true);
            table = next;
        }

        return false;
    }

    private static void CheckDepth(int depth)
    {
        if (depth > 256)
            throw new ArgumentException("tables and arrays are nested more than 256 deep", nameof(depth));
    }

    private static string Number(double number)
    {
        if (double.IsNaN(number))
            return "nan";
        if (double.IsInfinity(number))
            return number > 0 ? "inf" : "-inf";
        string text = number.ToString("R", CultureInfo.InvariantCulture);
        return text.AsSpan().IndexOfAny('.', 'E') < 0 ? text + ".0" : text;
    }

    private static string Key(string key) => BareKey.IsOne(key) ? key : Quote(key);

    private static bool IsPaired(string text, int index) => char.IsHighSurrogate(text[index])
        ? index + 1 < text.Length && char.IsLowSurrogate(text[index + 1])
        : index > 0 && char.IsHighSurrogate(text[index - 1]);

    private static string Quote(string text)
    {
        var builder = new StringBuilder(text.Length + 2).Append('"');
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (char.IsSurrogate(c) && !IsPaired(text, i))
                throw new ArgumentException($"the string holds half a surrogate pair (U+{(int)c:X4})", nameof(text));
            _ = c switch
            {
                '"' => builder.Append("\\\""),
                '\\' => builder.Append("\\\\"),
                '\b' => builder.Append("\\b"),
                '\t' => builder.Append("\\t"),
                '\n' => builder.Append("\\n"),
                '\f' => builder.Append("\\f"),
                '\r' => builder.Append("\\r"),
                < ' ' or (>= '\u007F' and <= '\u009F') or '\u2028' or '\u2029' or '\uFEFF' => builder.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
                _ => builder.Append(c),
            };
        }

        return builder.Append('"').ToString();
    }
}
