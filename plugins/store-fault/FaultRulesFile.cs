using Microsoft.Extensions.Logging;

namespace TgtModular.Stores;

/// <summary>A file of rules, one a line, looked at before every call: how a test outside of the process switches faults. A missing file has none.</summary>
internal sealed partial class FaultRulesFile(string path, string storeName, ILogger logger)
{
    private readonly Lock _gate = new();
    private (DateTime Written, long Length) _seen;

    /// <summary>The rules, when the file is not what it was; null when nothing changed or it cannot be understood.</summary>
    public IReadOnlyList<FaultRule>? TryReadChange()
    {
        FileInfo file = new(path);
        (DateTime Written, long Length) now = file.Exists ? (file.LastWriteTimeUtc, file.Length) : default;
        lock (_gate)
        {
            if (now == _seen) return null;
            _seen = now;
        }

        try
        {
            return file.Exists ? Parse(File.ReadLines(path)) : [];
        }
        catch (Exception unusable) when (unusable is FormatException or IOException or UnauthorizedAccessException)
        {
            LogUnusable(logger, storeName, path, unusable.Message);
            return null;
        }
    }

    /// <summary>Rules of lines; empty ones and those that begin with # do not count.</summary>
    /// <exception cref="FormatException">A line is no rule.</exception>
    public static IReadOnlyList<FaultRule> Parse(IEnumerable<string> lines) =>
        [.. lines.Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').Select(FaultRule.Parse)];

    [LoggerMessage(2, LogLevel.Error, "store '{Store}': the rules of {Path} are not taken, the old ones stay: {Problem}")]
    private static partial void LogUnusable(ILogger logger, string store, string path, string problem);
}
