using System.Globalization;

namespace TgtModular.Stores;

/// <summary>Calls that a rule is about.</summary>
[Flags]
internal enum FaultOperations
{
    None = 0,
    Read = 1 << 0,
    Write = 1 << 1,

    /// <summary>A write with FUA; it is a write as well.</summary>
    Fua = 1 << 2,
    Flush = 1 << 3,
    Discard = 1 << 4,
    Zeroes = 1 << 5,
    Compare = 1 << 6,
    Any = Read | Write | Fua | Flush | Discard | Zeroes | Compare,
}

/// <summary>What a rule does to a call.</summary>
internal enum FaultAction
{
    /// <summary>Nothing: the call goes on.</summary>
    None,
    Delay,

    /// <summary>As a delay, but no abort cuts it short: the call is with the disk already.</summary>
    Late,
    Hang,
    Error,
    NoSpace,
    Torn,
    Crash,

    /// <summary>The call is answered as done, and is not.</summary>
    Ignore,

    /// <summary>A read brings a wrong bit.</summary>
    Flip,
}

/// <summary>One rule: for which calls, what, how often. Its text is described in the manual.</summary>
internal sealed record FaultRule(FaultOperations Operations, FaultAction Action)
{
    public TimeSpan Delay { get; init; }

    /// <summary>Bytes of a torn write that reach the medium.</summary>
    public long TornBytes { get; init; }

    /// <summary>A torn write ends with a power cut.</summary>
    public bool CrashAfter { get; init; }

    /// <summary>Seed that chooses which unflushed data survive a power cut; null: none.</summary>
    public int? Keep { get; init; }

    public long Offset { get; init; }

    public long Length { get; init; } = long.MaxValue;

    public long Every { get; init; } = 1;

    public long Skip { get; init; }

    public long Times { get; init; } = long.MaxValue;

    public bool Concerns(FaultOperations operation, long offset, long length) =>
        (Operations & operation) != 0 && (operation == FaultOperations.Flush || (offset < End && Offset < offset + Math.Max(1, length)));

    private long End => Length > long.MaxValue - Offset ? long.MaxValue : Offset + Length;

    /// <summary>Reads a rule.</summary>
    /// <exception cref="FormatException">The message says which word is wrong.</exception>
    public static FaultRule Parse(string text)
    {
        string[] words = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (words.Length < 2) throw new FormatException($"'{text}': a rule is OPERATIONS ACTION [CONDITION]...");
        FaultRule rule = new(ParseOperations(words[0]), FaultAction.None);
        foreach (string word in words.AsSpan(1)) rule = rule.With(word);
        return rule.Action == FaultAction.None ? throw new FormatException($"'{text}' has no action") : rule;
    }

    private FaultRule With(string word)
    {
        int equals = word.IndexOf('=', StringComparison.Ordinal);
        string key = equals < 0 ? word : word[..equals];
        string value = equals < 0 ? "" : word[(equals + 1)..];
        return key switch
        {
            "delay" => Act(FaultAction.Delay) with { Delay = ParseDuration(value) },
            "late" => Act(FaultAction.Late) with { Delay = ParseDuration(value) },
            "hang" => Act(FaultAction.Hang),
            "error" => Act(FaultAction.Error),
            "nospace" => Act(FaultAction.NoSpace),
            "torn" => Act(FaultAction.Torn) with { TornBytes = ParseSize(value) },
            "crash" when Action == FaultAction.Torn => this with { CrashAfter = true },
            "crash" => Act(FaultAction.Crash),
            "ignore" => Act(FaultAction.Ignore),
            "flip" => Act(FaultAction.Flip),
            "keep" => this with { Keep = (int)ParseSize(value) },
            "offset" => this with { Offset = ParseSize(value) },
            "length" => this with { Length = ParseSize(value) },
            "every" => this with { Every = Math.Max(1, ParseSize(value)) },
            "skip" => this with { Skip = ParseSize(value) },
            "times" => this with { Times = ParseSize(value) },
            _ => throw new FormatException($"'{word}' is neither an action nor a condition"),
        };
    }

    private FaultRule Act(FaultAction action) => Action == FaultAction.None
        ? this with { Action = action }
        : throw new FormatException($"a rule has one action, not '{Action}' and '{action}'");

    private static FaultOperations ParseOperations(string names)
    {
        FaultOperations operations = FaultOperations.None;
        foreach (string name in names.Split(','))
        {
            if (!Enum.TryParse(name, ignoreCase: true, out FaultOperations operation) || operation == FaultOperations.None || char.IsAsciiDigit(name[0]))
                throw new FormatException($"'{name}' is no operation: read, write, fua, flush, discard, zeroes, compare or any");
            operations |= operation;
        }

        return operations;
    }

    private static long ParseSize(string text)
    {
        (string digits, long unit) = text switch
        {
            _ when text.EndsWith("KiB", StringComparison.Ordinal) => (text[..^3], 1L << 10),
            _ when text.EndsWith("MiB", StringComparison.Ordinal) => (text[..^3], 1L << 20),
            _ when text.EndsWith("GiB", StringComparison.Ordinal) => (text[..^3], 1L << 30),
            _ => (text, 1L),
        };
        return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number <= long.MaxValue / unit
            ? number * unit
            : throw new FormatException($"'{text}' is no number, nor one with KiB, MiB or GiB");
    }

    private static TimeSpan ParseDuration(string text)
    {
        (string digits, double milliseconds) = text switch
        {
            _ when text.EndsWith("ms", StringComparison.Ordinal) => (text[..^2], 1),
            _ when text.EndsWith('s') => (text[..^1], 1000),
            _ => ("", 0),
        };
        return double.TryParse(digits, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number) && number < 1e9
            ? TimeSpan.FromMilliseconds(number * milliseconds)
            : throw new FormatException($"'{text}' is no time span: 200ms, 1.5s");
    }
}
