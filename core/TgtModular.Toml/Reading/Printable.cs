using System.Globalization;
using System.Text;

namespace TgtModular.Toml.Reading;

/// <summary>Text of a document as it may stand in a message: short, on one line, nothing a terminal would act upon.</summary>
internal static class Printable
{
    private const int MaximumLength = 40;

    public static string Show(ReadOnlySpan<char> text)
    {
        var builder = new StringBuilder();
        int count = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            if (++count > MaximumLength)
                return builder.Append("...").ToString();
            _ = IsPrintable(rune) ? builder.Append(rune.ToString()) : builder.Append(CultureInfo.InvariantCulture, $"U+{rune.Value:X4}");
        }

        return builder.ToString();
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);
}
