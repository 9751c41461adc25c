using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using TgtModular.LoadGenerator.Initiator;
using TgtModular.LoadGenerator.Load;

namespace TgtModular.Benchmarks.Compare;

/// <summary>One load, written <c>store/pattern:bytes:SESSIONSxDEPTH[:digests][:verify]</c>, as in <c>file/RandomRead:4K:1x32</c>.</summary>
/// <param name="Store">What the target is to serve it from.</param>
/// <param name="Pattern">Order and direction.</param>
/// <param name="ReadPercent">Reads of a mix.</param>
/// <param name="TransferLength">Bytes per command.</param>
/// <param name="Sessions">Sessions, of one connection each.</param>
/// <param name="Depth">Commands outstanding per session.</param>
/// <param name="Digests">CRC32C over headers and data.</param>
/// <param name="Verify">Every block is stamped and checked.</param>
public sealed record BenchCase(StoreKind Store, AccessPattern Pattern, int ReadPercent, int TransferLength, int Sessions, int Depth, bool Digests, bool Verify)
{
    private const string MixPrefix = "Mix";

    /// <summary>The case as it is written.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Store.ToString().ToLowerInvariant()}/{PatternName}:{LengthName}:{Sessions}x{Depth}{(Digests ? ":digests" : "")}{(Verify ? ":verify" : "")}");

    /// <summary>How the generator is to do it.</summary>
    public LoadOptions ToOptions(TargetAddress address, TimeSpan warmup, TimeSpan duration, long region, int threads) => new()
    {
        Address = address,
        Pattern = Pattern,
        ReadPercent = ReadPercent,
        TransferLength = TransferLength,
        Sessions = Sessions,
        Luns = Store == StoreKind.Spread ? SpreadUnits.Count : 1,
        Depth = Depth,
        Threads = Math.Min(threads, Sessions),
        Warmup = warmup,
        Duration = duration,
        Region = Store == StoreKind.Spread ? SpreadUnits.Length : region,
        Verify = Verify,
        Login = new LoginWishes { HeaderDigest = Digests, DataDigest = Digests },
    };

    /// <summary>Reads a case.</summary>
    /// <param name="text">As above; without a store it is the file.</param>
    /// <param name="value">The case.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out BenchCase? value)
    {
        value = null;
        int slash = text.IndexOf('/', StringComparison.Ordinal);
        StoreKind store = StoreKind.File;
        if (slash >= 0 && !TryParseName(text[..slash], out store)) return false;
        string[] parts = text[(slash + 1)..].Split(':');
        if (parts.Length < 3 || !TryParsePattern(parts[0], out AccessPattern pattern, out int reads) || !TryParseLength(parts[1], out int length)) return false;
        string[] shape = parts[2].Split('x');
        if (shape.Length != 2 || !TryParseCount(shape[0], out int sessions) || !TryParseCount(shape[1], out int depth)) return false;
        string[] more = parts[3..];
        if (more.Except(["digests", "verify"]).Any()) return false;
        value = new BenchCase(store, pattern, reads, length, sessions, depth, more.Contains("digests"), more.Contains("verify"));
        return true;
    }

    private string PatternName => Pattern == AccessPattern.RandomMix ? string.Create(CultureInfo.InvariantCulture, $"{MixPrefix}{ReadPercent}") : Pattern.ToString();

    private string LengthName => TransferLength % 1024 == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{TransferLength / 1024}K")
        : TransferLength.ToString(CultureInfo.InvariantCulture);

    private static bool TryParsePattern(string text, out AccessPattern pattern, out int reads)
    {
        reads = 50;
        pattern = AccessPattern.RandomMix;
        return text.StartsWith(MixPrefix, StringComparison.OrdinalIgnoreCase)
            ? int.TryParse(text[MixPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out reads) && reads <= 100
            : TryParseName(text, out pattern);
    }

    private static bool TryParseName<T>(string text, out T value)
        where T : struct, Enum => Enum.TryParse(text, ignoreCase: true, out value) && !char.IsAsciiDigit(text[0]);

    private static bool TryParseLength(string text, out int length)
    {
        int unit = text.EndsWith('K') ? 1024 : text.EndsWith('M') ? 1024 * 1024 : 1;
        bool valid = int.TryParse(unit == 1 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out length) && length is > 0 and <= 16384;
        length *= unit;
        return valid || (unit == 1 && length > 0);
    }

    private static bool TryParseCount(string text, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count is > 0 and <= 4096;
}
