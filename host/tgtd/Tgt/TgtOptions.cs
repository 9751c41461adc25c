using System.Globalization;

namespace TgtModular.Daemon.Tgt;

/// <summary>What tgt's own flags ask for.</summary>
internal sealed record TgtOptions
{
    /// <summary>Longest time between pings; nobody waits longer.</summary>
    private const int MaximumNopInterval = 3600;

    /// <summary><c>-C</c>: which management socket.</summary>
    public int ControlPort { get; init; }

    /// <summary><c>-f</c>: not in the background.</summary>
    public bool Foreground { get; init; }

    /// <summary><c>-t</c>: threads for one unit whose store blocks; null: as usual.</summary>
    public int? Threads { get; init; }

    /// <summary><c>-p</c>: where the process id is written; null: nowhere.</summary>
    public string? ProcessIdFile { get; init; }

    /// <summary><c>--iscsi portal=</c>; empty: all addresses, port 3260.</summary>
    public IReadOnlyList<string> Portals { get; init; } = [];

    /// <summary><c>--iscsi nop_interval=</c>: seconds between pings, 0 for none.</summary>
    public int NopInterval { get; init; }

    /// <summary><c>--iscsi nop_count=</c>: pings without an answer; 0: as usual.</summary>
    public int NopCount { get; init; }

    /// <summary>Reads the value of <c>--iscsi</c>: <c>portal=address:port</c> (several times), <c>nop_interval=</c>, <c>nop_count=</c>.</summary>
    /// <param name="text">The value.</param>
    /// <param name="problem">What is wrong with it; null when it was read.</param>
    public TgtOptions WithIscsi(string text, out string? problem)
    {
        problem = null;
        TgtOptions options = this;
        List<string> portals = [.. Portals];
        foreach (string part in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            string value = part[(equals + 1)..];
            switch (equals < 0 ? "" : part[..equals])
            {
                case "portal":
                    portals.AddRange(value.StartsWith(':') ? [$"0.0.0.0{value}", $"[::]{value}"] : [value]);
                    break;
                case "nop_interval" when TryRead(value, MaximumNopInterval, out int interval):
                    options = options with { NopInterval = interval };
                    break;
                case "nop_count" when TryRead(value, 100, out int count):
                    options = options with { NopCount = count };
                    break;
                default:
                    problem = $"--iscsi: '{part}' is not understood; portal=ADDRESS:PORT, nop_interval=SECONDS and nop_count=NUMBER are";
                    return this;
            }
        }

        return options with { Portals = portals };
    }

    /// <summary>The configuration that these flags stand for.</summary>
    public string ToToml()
    {
        string[] portals = Portals.Count > 0 ? [.. Portals] : ["0.0.0.0:3260", "[::]:3260"];
        string listen = string.Join(", ", portals.Select(portal => $"\"{portal.Replace("\\", "", StringComparison.Ordinal).Replace("\"", "", StringComparison.Ordinal)}\""));
        string count = NopCount > 0 ? string.Create(CultureInfo.InvariantCulture, $"nop_count = {NopCount}\n") : "";
        return string.Create(CultureInfo.InvariantCulture, $"""
            [transport.iscsi]
            listen = [{listen}]
            nop_interval = {NopInterval}
            chap_min_secret_length = 0
            {count}
            """);
    }

    private static bool TryRead(string text, int maximum, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number <= maximum;
}
