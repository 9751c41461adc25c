using TgtModular.Iscsi.Listening;
using TgtModular.Iscsi.Protocol.Auth;
using TgtModular.Plugins;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Configuration;

/// <summary>The transport's options, checked.</summary>
internal sealed record TransportSettings
{
    private const int DefaultMaximumLoops = 8;

    /// <summary>Portals to listen on.</summary>
    public required IReadOnlyList<PortalAddress> Portals { get; init; }

    /// <summary>Silence before a ping; zero for never.</summary>
    public required TimeSpan NopInterval { get; init; }

    /// <summary>Pings before the end.</summary>
    public required int NopCount { get; init; }

    /// <summary>Time of a login.</summary>
    public required TimeSpan LoginTimeout { get; init; }

    /// <summary>Time of one send.</summary>
    public required TimeSpan SendTimeout { get; init; }

    /// <summary>Time without data while a write waits for it; zero for ever.</summary>
    public required TimeSpan DataOutTimeout { get; init; }

    /// <summary>Time to log out.</summary>
    public required TimeSpan DrainTimeout { get; init; }

    /// <summary>Connections in all.</summary>
    public required int MaxConnections { get; init; }

    /// <summary>Connections per address.</summary>
    public required int MaxConnectionsPerAddress { get; init; }

    /// <summary>Connections without login.</summary>
    public required int MaxPendingLogins { get; init; }

    /// <summary>What moves the bytes.</summary>
    public required string Engine { get; init; }

    /// <summary>Event loops.</summary>
    public required int Loops { get; init; }

    /// <summary>Time an event loop looks for events before it sleeps.</summary>
    public required TimeSpan BusyPoll { get; init; }

    /// <summary>CHAP.</summary>
    public required ChapPolicy Chap { get; init; }

    /// <summary>Reads the options.</summary>
    /// <exception cref="TransportException">A value makes no sense; the message says which.</exception>
    public static TransportSettings From(OptionValues options)
    {
        if (!TryParsePortals(options.GetTextList(TransportOptions.Listen), out List<PortalAddress> portals, out string unclear))
            throw new TransportException($"{TransportOptions.Listen} {unclear}");
        if (!ChapAlgorithmNames.TryParse(options.GetTextList(TransportOptions.ChapAlgorithms), out IReadOnlyList<ChapAlgorithm> algorithms, out string wrong))
            throw new TransportException($"{TransportOptions.ChapAlgorithms}: {wrong}");
        return new TransportSettings
        {
            Portals = portals,
            NopInterval = options.GetDuration(TransportOptions.NopInterval),
            NopCount = (int)options.GetInteger(TransportOptions.NopCount),
            LoginTimeout = options.GetDuration(TransportOptions.LoginTimeout),
            SendTimeout = options.GetDuration(TransportOptions.SendTimeout),
            DataOutTimeout = options.GetDuration(TransportOptions.DataOutTimeout),
            DrainTimeout = options.GetDuration(TransportOptions.DrainTimeout),
            MaxConnections = (int)options.GetInteger(TransportOptions.MaxConnections),
            MaxConnectionsPerAddress = (int)options.GetInteger(TransportOptions.MaxConnectionsPerAddress),
            MaxPendingLogins = (int)options.GetInteger(TransportOptions.MaxPendingLogins),
            Engine = options.RequireText(TransportOptions.Engine),
            Loops = options.GetInteger(TransportOptions.Loops) is > 0 and long loops ? (int)loops : Math.Min(Environment.ProcessorCount, DefaultMaximumLoops),
            BusyPoll = options.GetDuration(TransportOptions.BusyPoll),
            Chap = new ChapPolicy { Algorithms = algorithms, MinSecretLength = (int)options.GetInteger(TransportOptions.ChapMinSecretLength) },
        };
    }

    /// <summary>What is wrong with a list of portals; null when nothing is.</summary>
    public static string? CheckPortals(object value)
    {
        IReadOnlyList<string> texts = (IReadOnlyList<string>)value;
        if (texts.Count == 0) return "is empty: nobody could log in";
        return TryParsePortals(texts, out _, out string problem) ? null : problem;
    }

    private static bool TryParsePortals(IReadOnlyList<string> texts, out List<PortalAddress> portals, out string problem)
    {
        portals = [];
        problem = string.Empty;
        foreach (string text in texts)
        {
            if (!PortalAddress.TryParse(text, out PortalAddress? portal, out string unclear)) problem = $"has \"{text}\": {unclear}";
            else if (portal.EndPoint.Port != 0 && portals.Exists(other => other.EndPoint.Equals(portal.EndPoint))) problem = $"has \"{text}\": the address is there twice";
            else portals.Add(portal);
            if (problem.Length > 0) return false;
        }

        return true;
    }
}
