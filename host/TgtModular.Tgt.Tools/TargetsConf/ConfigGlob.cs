namespace TgtModular.Tgt.Tools.TargetsConf;

/// <summary>Names of files by the patterns of glob(7): <c>*</c>, <c>?</c>, <c>[...]</c> in any part of the path, and <c>{a,b}</c> as shells have it.</summary>
internal static class ConfigGlob
{
    private const int MostAlternatives = 256;

    /// <summary>Whether a text is a pattern at all.</summary>
    public static bool IsPattern(string text) => text.AsSpan().IndexOfAny("*?[{") >= 0;

    /// <summary>The files and directories that a pattern means, in the order of their names.</summary>
    public static IEnumerable<string> Expand(string pattern)
    {
        SortedSet<string> found = new(StringComparer.Ordinal);
        foreach (string alternative in Alternatives(pattern))
        {
            string root = alternative.StartsWith('/') ? "/" : ".";
            string[] parts = alternative.Split('/', StringSplitOptions.RemoveEmptyEntries);
            Walk(root, parts, 0, found);
        }

        return found;
    }

    /// <summary>Whether a name matches a part of a pattern. A leading point must be written.</summary>
    public static bool Matches(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name) =>
        (name.Length == 0 || name[0] != '.' || (pattern.Length > 0 && pattern[0] == '.')) && MatchesRest(pattern, name);

    private static bool MatchesRest(ReadOnlySpan<char> pattern, ReadOnlySpan<char> name)
    {
        // One place to come back to is enough: a later star makes an earlier one free.
        int star = -1, starName = 0, at = 0, inName = 0;
        while (inName < name.Length)
        {
            if (at < pattern.Length && pattern[at] == '*')
            {
                star = at++;
                starName = inName;
            }
            else if (at < pattern.Length && MatchesOne(pattern, at, name[inName], out int next))
            {
                at = next;
                inName++;
            }
            else if (star >= 0)
            {
                at = star + 1;
                inName = ++starName;
            }
            else
            {
                return false;
            }
        }

        return pattern[at..].TrimStart('*').IsEmpty;
    }

    private static bool MatchesOne(ReadOnlySpan<char> pattern, int at, char character, out int next)
    {
        next = at + 1;
        if (pattern[at] == '?') return true;
        int close = pattern[at] == '[' ? pattern[Math.Min(at + 2, pattern.Length)..].IndexOf(']') : -1;
        if (close < 0) return pattern[at] == character;
        ReadOnlySpan<char> set = pattern[(at + 1)..(at + 2 + close)];
        next = at + 3 + close;
        bool negated = set[0] is '!' or '^';
        return InSet(negated ? set[1..] : set, character) != negated;
    }

    private static bool InSet(ReadOnlySpan<char> set, char character)
    {
        for (int at = 0; at < set.Length; at++)
        {
            bool range = at + 2 < set.Length && set[at + 1] == '-';
            char last = range ? set[at + 2] : set[at];
            if (character >= set[at] && character <= last) return true;
            if (range) at += 2;
        }

        return false;
    }

    private static void Walk(string directory, string[] parts, int index, SortedSet<string> found)
    {
        if (index == parts.Length)
        {
            _ = found.Add(directory);
            return;
        }

        string part = parts[index];
        if (!IsPattern(part))
        {
            string path = Join(directory, part);
            if (index + 1 < parts.Length ? Directory.Exists(path) : Path.Exists(path)) Walk(path, parts, index + 1, found);
            return;
        }

        foreach (string entry in Entries(directory))
        {
            string name = Path.GetFileName(entry);
            if (!Matches(part, name)) continue;
            if (index + 1 == parts.Length || Directory.Exists(entry)) Walk(Join(directory, name), parts, index + 1, found);
        }
    }

    private static string[] Entries(string directory)
    {
        try
        {
            return Directory.GetFileSystemEntries(directory);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static string Join(string directory, string name) => directory == "." ? name : Path.Combine(directory, name);

    private static List<string> Alternatives(string pattern)
    {
        List<string> all = [pattern];
        for (int at = 0; at < all.Count && all.Count < MostAlternatives;)
        {
            int open = all[at].IndexOf('{', StringComparison.Ordinal);
            int close = open < 0 ? -1 : all[at].IndexOf('}', open);
            if (close < 0)
            {
                at++;
                continue;
            }

            string text = all[at];
            all.RemoveAt(at);
            foreach (string choice in text[(open + 1)..close].Split(',')) all.Add(text[..open] + choice + text[(close + 1)..]);
        }

        return all;
    }
}
