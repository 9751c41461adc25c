using TgtModular.Plugins;

namespace TgtModular.Iscsi.Configuration;

/// <summary>Options of <c>[transport.iscsi]</c>.</summary>
internal static class TransportOptions
{
    public const string Listen = "listen";
    public const string NopInterval = "nop_interval";
    public const string NopCount = "nop_count";
    public const string LoginTimeout = "login_timeout";
    public const string SendTimeout = "send_timeout";
    public const string DataOutTimeout = "data_out_timeout";
    public const string DrainTimeout = "drain_timeout";
    public const string MaxConnections = "max_connections";
    public const string MaxConnectionsPerAddress = "max_connections_per_address";
    public const string MaxPendingLogins = "max_pending_logins";
    public const string ChapAlgorithms = "chap_algorithms";
    public const string Engine = "engine";
    public const string Loops = "loops";
    public const string BusyPoll = "busy_poll";
    public const string SocketEngine = "socket";
    public const string EpollEngine = "epoll";
    public const string ChapMinSecretLength = "chap_min_secret_length";

    /// <summary>The schema; the manual repeats it and a test compares the two.</summary>
    public static OptionSchema Schema { get; } = OptionSchema.Of(
        new(Listen, OptionType.TextList, "Portals, each address:port with an optional comma and portal group tag; IPv6 addresses in brackets.")
        {
            Default = (IReadOnlyList<string>)["0.0.0.0:3260", "[::]:3260"],
            Mutable = true,
            Check = TransportSettings.CheckPortals,
        },
        new(NopInterval, OptionType.Duration, "Silence after which the initiator is pinged with NOP-In; 0 for never.")
        {
            Default = TimeSpan.FromSeconds(10),
            Mutable = true,
        },
        new(NopCount, OptionType.Integer, "Pings without any sign of life after which the connection is closed.")
        {
            Default = 3L,
            Minimum = 1,
            Maximum = 100,
            Mutable = true,
        },
        new(LoginTimeout, OptionType.Duration, "Time a login may take.") { Default = TimeSpan.FromSeconds(15), Mutable = true },
        new(SendTimeout, OptionType.Duration, "Time an initiator may leave data unread before its connection is closed.")
        {
            Default = TimeSpan.FromSeconds(60),
            Mutable = true,
        },
        new(DataOutTimeout, OptionType.Duration, "Time an initiator may keep a write waiting, without sending any data, before its connection is closed; 0 for never.")
        {
            Default = TimeSpan.FromSeconds(60),
            Mutable = true,
        },
        new(DrainTimeout, OptionType.Duration, "Time initiators get to log out when the daemon stops.") { Default = TimeSpan.FromSeconds(10), Mutable = true },
        new(MaxConnections, OptionType.Integer, "Connections in all.") { Default = 4096L, Minimum = 1, Maximum = 65535, Mutable = true },
        new(MaxConnectionsPerAddress, OptionType.Integer, "Connections from one address.") { Default = 1024L, Minimum = 1, Maximum = 65535, Mutable = true },
        new(MaxPendingLogins, OptionType.Integer, "Connections in all that have not logged in yet; beyond it the oldest of the address with the most of them makes room.")
        {
            Default = 256L,
            Minimum = 1,
            Maximum = 65535,
            Mutable = true,
        },
        new(ChapAlgorithms, OptionType.TextList, "CHAP algorithms by preference: sha3-256, sha256, sha1, md5; those the platform lacks are passed over.")
        {
            Default = (IReadOnlyList<string>)["sha3-256", "sha256", "sha1", "md5"],
            Mutable = true,
            Check = value => ChapAlgorithmNames.TryParse((IReadOnlyList<string>)value, out _, out string problem) ? null : $"is wrong: {problem}",
        },
        new(Engine, OptionType.Choice, "What moves the bytes: epoll, event loops of the daemon's own, or socket, the sockets of .NET.")
        {
            Default = EpollEngine,
            Choices = [SocketEngine, EpollEngine],
        },
        new(Loops, OptionType.Integer, "Threads of the engine epoll; 0 for one for each processor, at most 8.") { Default = 0L, Minimum = 0, Maximum = 256 },
        new(BusyPoll, OptionType.Duration, "How long a thread of the engine epoll goes on looking for the next command before it sleeps: less latency for more processor time.")
        {
            Default = TimeSpan.FromMicroseconds(50),
        },
        new(ChapMinSecretLength, OptionType.Integer, "Shortest CHAP secret accepted, in bytes; RFC 7143 asks for 12, 0 accepts any.")
        {
            Default = 12L,
            Minimum = 0,
            Maximum = 255,
            Mutable = true,
        });
}
