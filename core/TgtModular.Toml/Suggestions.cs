namespace TgtModular.Toml;

/// <summary>Finds what somebody probably meant by a name that is not known.</summary>
public static class Suggestions
{
    /// <summary>Names longer than this are never compared, so that the cost of one comparison is bounded.</summary>
    private const int MaximumLength = 64;

    /// <summary>
    /// The candidate nearest to <paramref name="name"/> by edits (inserted, deleted, changed and swapped neighbouring characters, case ignored), or null
    /// when none is near: at most one edit for each three characters. Of equally near ones the first.
    /// </summary>
    public static string? Closest(string name, IEnumerable<string> candidates)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(candidates);
        if (name.Length is 0 or > MaximumLength)
            return null;

        string? closest = null;
        int best = Math.Max(1, name.Length / 3) + 1;
        foreach (string candidate in candidates)
        {
            if (candidate.Length > MaximumLength || Math.Abs(candidate.Length - name.Length) >= best)
                continue;
            int distance = Distance(name, candidate);
            if (distance < best && distance < Math.Max(name.Length, candidate.Length))
                (closest, best) = (candidate, distance);
        }

        return closest;
    }

    /// <summary>Optimal string alignment distance, three rows of the matrix at a time.</summary>
    private static int Distance(string left, string right)
    {
        int width = right.Length + 1;
        Span<int> rows = stackalloc int[3 * (MaximumLength + 1)];
        Span<int> beforeLast = rows[..width];
        Span<int> last = rows.Slice(MaximumLength + 1, width);
        Span<int> row = rows.Slice(2 * (MaximumLength + 1), width);
        for (int j = 0; j < width; j++)
            last[j] = j;
        for (int i = 1; i <= left.Length; i++)
        {
            row[0] = i;
            for (int j = 1; j < width; j++)
            {
                bool same = Same(left[i - 1], right[j - 1]);
                row[j] = Math.Min(Math.Min(row[j - 1], last[j]) + 1, last[j - 1] + (same ? 0 : 1));
                if (i > 1 && j > 1 && Same(left[i - 1], right[j - 2]) && Same(left[i - 2], right[j - 1]))
                    row[j] = Math.Min(row[j], beforeLast[j - 2] + 1);
            }

            Span<int> free = beforeLast;
            beforeLast = last;
            last = row;
            row = free;
        }

        return last[width - 1];
    }

    private static bool Same(char left, char right) => char.ToLowerInvariant(left) == char.ToLowerInvariant(right);
}
