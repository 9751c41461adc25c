using System.Buffers;
using System.Globalization;

namespace TgtModular.Core.Configuration;

/// <summary>Sizes and durations as people write them.</summary>
public static class Quantity
{
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    private static readonly (string Unit, long Bytes)[] SizeUnits =
    [
        ("", 1), ("b", 1),
        ("k", 1L << 10), ("kib", 1L << 10), ("kb", 1_000),
        ("m", 1L << 20), ("mib", 1L << 20), ("mb", 1_000_000),
        ("g", 1L << 30), ("gib", 1L << 30), ("gb", 1_000_000_000),
        ("t", 1L << 40), ("tib", 1L << 40), ("tb", 1_000_000_000_000),
        ("p", 1L << 50), ("pib", 1L << 50), ("pb", 1_000_000_000_000_000),
    ];

    private static readonly (string Unit, long Ticks)[] DurationUnits =
    [
        ("", TimeSpan.TicksPerSecond), ("s", TimeSpan.TicksPerSecond), ("ms", TimeSpan.TicksPerMillisecond), ("us", TimeSpan.TicksPerMicrosecond),
        ("m", TimeSpan.TicksPerMinute), ("min", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour), ("d", TimeSpan.TicksPerDay),
    ];

    /// <summary>What <see cref="TryParseSize"/> wants, for messages.</summary>
    public const string SizeForm = "a number of bytes, or text such as \"512\", \"64KiB\", \"20GiB\" or \"1TB\"";

    /// <summary>What <see cref="TryParseDuration"/> wants, for messages.</summary>
    public const string DurationForm = "a number of seconds, or text such as \"15s\", \"200ms\", \"5min\" or \"1h\"";

    /// <summary>
    /// Reads a size: KiB, MiB, GiB, TiB, PiB (also K, M, G, T, P) count in powers of 1024, KB to PB in powers of 1000; case does not count; no unit is bytes.
    /// </summary>
    /// <returns>False when it is none, or not a whole number of bytes of at most 63 bits.</returns>
    public static bool TryParseSize(string text, out long bytes) => TryParse(text, SizeUnits, out bytes);

    /// <summary>Reads a duration in us, ms, s, m or min, h or d; no unit is seconds.</summary>
    /// <returns>False when it is none, or too long to count.</returns>
    public static bool TryParseDuration(string text, out TimeSpan duration)
    {
        bool parsed = TryParse(text, DurationUnits, out long ticks);
        duration = TimeSpan.FromTicks(ticks);
        return parsed;
    }

    /// <summary>The size exactly, in the largest binary unit that divides it, as <see cref="TryParseSize"/> reads it.</summary>
    public static string FormatSize(long bytes)
    {
        string[] units = ["", "KiB", "MiB", "GiB", "TiB", "PiB"];
        int unit = 0;
        while (unit < units.Length - 1 && bytes != 0 && bytes % 1024 == 0)
        {
            bytes /= 1024;
            unit++;
        }

        return bytes.ToString(CultureInfo.InvariantCulture) + units[unit];
    }

    /// <summary>The duration exactly, in the largest unit that divides it, as <see cref="TryParseDuration"/> reads it.</summary>
    public static string FormatDuration(TimeSpan duration)
    {
        foreach (string unit in (string[])["h", "min", "s", "ms", "us"])
        {
            long ticks = DurationUnits.First(candidate => candidate.Unit == unit).Ticks;
            if (duration.Ticks != 0 && duration.Ticks % ticks == 0) return (duration.Ticks / ticks).ToString(CultureInfo.InvariantCulture) + unit;
        }

        return $"{(duration.Ticks / 10.0).ToString(CultureInfo.InvariantCulture)}us";
    }

    /// <summary>The size for people, rounded to three digits: <c>1.5 GiB</c>.</summary>
    public static string DescribeSize(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        int unit = 0;
        double value = bytes;
        while (value >= 1000 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        string form = value >= 100 || unit == 0 ? "0" : value >= 10 ? "0.#" : "0.##";
        return $"{value.ToString(form, CultureInfo.InvariantCulture)} {units[unit]}";
    }

    private static bool TryParse(string text, (string Unit, long Factor)[] units, out long value)
    {
        ArgumentNullException.ThrowIfNull(text);
        value = 0;
        string trimmed = text.Trim();
        int digits = trimmed.AsSpan().IndexOfAnyExcept(Digits);
        if (digits < 0) digits = trimmed.Length;
        string unit = trimmed[digits..].TrimStart().ToLowerInvariant();
        int index = Array.FindIndex(units, candidate => candidate.Unit == unit);
        const NumberStyles Style = NumberStyles.AllowDecimalPoint;
        if (index < 0 || digits is 0 or > 24 || !decimal.TryParse(trimmed.AsSpan(0, digits), Style, CultureInfo.InvariantCulture, out decimal number))
            return false;

        // 24 digits times 2^50 stay below the 7.9e28 of a decimal only up to 7e13 units; larger is too large anyway.
        if (number > long.MaxValue / units[index].Factor) return false;
        decimal product = number * units[index].Factor;
        if (product != decimal.Truncate(product)) return false;
        value = (long)product;
        return true;
    }
}
