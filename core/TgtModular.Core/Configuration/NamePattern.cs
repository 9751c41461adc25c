namespace TgtModular.Core.Configuration;

/// <summary>A pattern of initiator names: <c>*</c> stands for any characters, <c>?</c> for one; case does not count.</summary>
/// <param name="Text">The pattern.</param>
public sealed record NamePattern(string Text)
{
    /// <summary>True when it stands for one name only.</summary>
    public bool IsName => Text.AsSpan().IndexOfAny('*', '?') < 0;

    /// <summary>True when the whole name fits. Takes time linear in name times pattern at most, whatever they are.</summary>
    public bool Matches(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        int at = 0;
        int patternAt = 0;
        int star = -1;
        int starMatchedTo = 0;
        while (at < name.Length)
        {
            if (patternAt < Text.Length && Text[patternAt] == '*')
            {
                star = patternAt++;
                starMatchedTo = at;
            }
            else if (patternAt < Text.Length && (Text[patternAt] == '?' || char.ToLowerInvariant(Text[patternAt]) == char.ToLowerInvariant(name[at])))
            {
                at++;
                patternAt++;
            }
            else if (star >= 0)
            {
                patternAt = star + 1;
                at = ++starMatchedTo;
            }
            else
            {
                return false;
            }
        }

        return Text.AsSpan(patternAt).Trim('*').IsEmpty;
    }

    /// <summary>The pattern.</summary>
    public override string ToString() => Text;
}
