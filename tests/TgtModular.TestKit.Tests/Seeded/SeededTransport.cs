using System.Collections.Concurrent;
using TgtModular.Plugins;
using TgtModular.Transports;

namespace TgtModular.TestKit.Tests.Seeded;

/// <summary>A right transport within the process, whose sessions a wrong one changes.</summary>
internal class SeededTransport(TransportCreateContext context, Func<SeededTransport, int, SeededSession> makeSession) : ITransport
{
    private readonly ConcurrentDictionary<SeededSession, bool> _sessions = new();
    private volatile bool _closed;

    public ITransportHost Engine => context.Engine;

    public IPluginHost Host => context.Host;

    public IReadOnlyList<PortalDescription> Portals => [];

    public IEnumerable<SeededSession> Sessions => _sessions.Keys;

    public ValueTask StartAsync(CancellationToken cancellationToken) => default;

    /// <summary>What an initiator does to log in; null when it is refused.</summary>
    public SeededSession? LogIn(int initiator, string target)
    {
        if (_closed) return null;
        SeededSession session = makeSession(this, initiator);
        if (!session.Open(target)) return null;
        _sessions[session] = true;
        return session;
    }

    public virtual async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        _closed = true;
        await EndAllAsync(NexusEnd.Administrative);
    }

    public virtual async ValueTask DisposeAsync()
    {
        _closed = true;
        await EndAllAsync(NexusEnd.Administrative);
    }

    private async Task EndAllAsync(NexusEnd end)
    {
        foreach (SeededSession session in Sessions) session.End(end);
        await Task.WhenAll(Sessions.Select(session => session.Ended));
    }
}

/// <summary>Makes it.</summary>
internal sealed class SeededTransportFactory(Func<TransportCreateContext, SeededTransport> make) : ITransportFactory
{
    public OptionSchema Options { get; } = OptionSchema.Of();

    public OptionSchema TargetOptions { get; } = OptionSchema.Of();

    public bool IsNetworked => false;

    public bool TryNormalizeTargetName(string name, out string normalized, out string problem)
    {
        (normalized, problem) = (name, "");
        return true;
    }

    public ITransport Create(TransportCreateContext context) => make(context);
}

/// <summary>The suite over such a transport; no test class, so that only <see cref="SuiteRunner"/> runs it.</summary>
#pragma warning disable MSTEST0030
internal sealed class SeededTransportSuite(Func<TransportCreateContext, SeededTransport> make) : TransportConformance
{
    protected override ITransportFactory Factory { get; } = new SeededTransportFactory(make);

    protected override string TargetName => "disk";

    protected override TimeSpan Patience => TimeSpan.FromSeconds(3);

    protected override IReadOnlyDictionary<string, object> CreateOptions() => new Dictionary<string, object>();

    protected override Task<TransportClient?> ConnectAsync(ITransport transport, int initiator) =>
        Task.FromResult<TransportClient?>(((SeededTransport)transport).LogIn(initiator, TargetName) is { } session ? new SeededClient(session) : null);
}
#pragma warning restore MSTEST0030
