namespace TgtModular.Tgt.Tools.Admin;

/// <summary>Command lines as a shell takes them.</summary>
internal static class ShellWords
{
    private const string Plain = "+-./:=@_,%^";

    /// <summary>The words of a command, quoted where a shell would otherwise read something else.</summary>
    public static string Join(IEnumerable<string> words) => string.Join(' ', words.Select(Quote));

    private static string Quote(string word) =>
        word.Length > 0 && word.All(character => char.IsAsciiLetterOrDigit(character) || Plain.Contains(character, StringComparison.Ordinal))
            ? word
            : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}
