using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Negotiation;

/// <summary>The result functions of RFC 7143 section 6.2, without state.</summary>
internal static class KeyRules
{
    /// <summary>What an answerer makes of a proposal. False if the proposal is not admissible and is to be rejected.</summary>
    /// <param name="row">The key.</param>
    /// <param name="proposal">The value proposed.</param>
    /// <param name="ours">The answerer's number or boolean.</param>
    /// <param name="choices">The answerer's choices of a list.</param>
    /// <param name="result">The value agreed.</param>
    public static bool TryAnswer(KeyDefinition row, ReadOnlySpan<byte> proposal, long ours, IReadOnlyList<int> choices, out long result)
    {
        result = 0;
        if (row.Kind == KeyKind.List)
            return TryChoose(row, proposal, choices, out result);
        if (!TryParse(row, proposal, out long offered))
            return false;
        result = row.Kind is KeyKind.BooleanAnd or KeyKind.NumberMinimum ? Math.Min(offered, ours) : Math.Max(offered, ours);
        return true;
    }

    /// <summary>Reads an admissible number or boolean.</summary>
    public static bool TryParse(KeyDefinition row, ReadOnlySpan<byte> value, out long number)
    {
        number = 0;
        if (row.Kind is KeyKind.BooleanAnd or KeyKind.BooleanOr or KeyKind.DeclaredBoolean)
        {
            if (!TextValue.TryParseBoolean(value, out bool yes))
                return false;
            number = yes ? 1 : 0;
            return true;
        }

        if (!TextValue.TryParseNumber(value, out ulong parsed) || !row.Admits(parsed))
            return false;
        number = (long)parsed;
        return true;
    }

    /// <summary>Reads an answer to an offer of this side. False if the offer does not allow it.</summary>
    public static bool TryReadAnswer(KeyDefinition row, ReadOnlySpan<byte> answer, long offered, IReadOnlyList<int> choices, out long result)
    {
        if (row.Kind == KeyKind.List)
        {
            result = IndexOfWord(row, answer);
            return result >= 0 && choices.Contains((int)result);
        }

        return TryParse(row, answer, out result) && IsAcceptable(row, result, offered, choices);
    }

    /// <summary>Whether a value lies on the permitted side of what this side proposes or grants.</summary>
    public static bool IsAcceptable(KeyDefinition row, long value, long ours, IReadOnlyList<int> choices) => row.Kind switch
    {
        KeyKind.BooleanAnd or KeyKind.NumberMinimum => value <= ours,
        KeyKind.BooleanOr or KeyKind.NumberMaximum => value >= ours,
        KeyKind.List => choices.Contains((int)value),
        _ => true,
    };

    /// <summary>Whether an offer settles the result whatever the peer says, so that it need not be answered (section 6.2.2).</summary>
    public static bool IsDetermined(KeyDefinition row, long offered) => row.Kind switch
    {
        KeyKind.BooleanAnd => offered == 0,
        KeyKind.BooleanOr => offered == 1,
        _ => false,
    };

    /// <summary>Position of a word in a row's list, or -1.</summary>
    public static int IndexOfWord(KeyDefinition row, ReadOnlySpan<byte> word)
    {
        for (int index = 0; index < row.Words.Count; index++)
        {
            if (System.Text.Ascii.Equals(word, row.Words[index]))
                return index;
        }

        return -1;
    }

    /// <summary>A negotiated value as it is sent.</summary>
    public static void Write(TextBuffer text, KeyDefinition row, long value)
    {
        if (row.Kind == KeyKind.List)
            text.Add(row.Name, row.Words[(int)value]);
        else if (row.Kind is KeyKind.BooleanAnd or KeyKind.BooleanOr)
            text.Add(row.Name, value != 0);
        else
            text.Add(row.Name, value);
    }

    private static bool TryChoose(KeyDefinition row, ReadOnlySpan<byte> proposal, IReadOnlyList<int> choices, out long result)
    {
        foreach (Range range in proposal.Split((byte)','))
        {
            int index = IndexOfWord(row, proposal[range]);
            if (index < 0 || !choices.Contains(index))
                continue;
            result = index;
            return true;
        }

        result = 0;
        return false;
    }
}
