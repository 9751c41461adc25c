namespace TgtModular.Tgt.Tools.CommandLine;

/// <summary>One option of a tool.</summary>
/// <param name="Letter">Its letter, also for an option that has only a name; NUL for none.</param>
/// <param name="Name">Its long name.</param>
/// <param name="LongTakesValue">Whether the long name takes a value.</param>
/// <param name="ShortTakesValue">Whether the letter takes a value; null where it is no option.</param>
public sealed record OptionSpec(char Letter, string Name, bool LongTakesValue, bool? ShortTakesValue)
{
    /// <summary>An option with a value.</summary>
    public static OptionSpec Value(char letter, string name) => new(letter, name, true, true);

    /// <summary>An option without a value.</summary>
    public static OptionSpec Switch(char letter, string name) => new(letter, name, false, false);

    /// <summary>An option without a value and without a letter of its own; <paramref name="key"/> tells it apart.</summary>
    public static OptionSpec LongSwitch(char key, string name) => new(key, name, false, null);

    /// <summary>An option with a value and without a letter of its own; <paramref name="key"/> tells it apart.</summary>
    public static OptionSpec LongValue(char key, string name) => new(key, name, true, null);
}
