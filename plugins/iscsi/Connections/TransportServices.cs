using Microsoft.Extensions.Logging;
using TgtModular.Buffers;
using TgtModular.Iscsi.Configuration;
using TgtModular.Iscsi.Sessions;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Connections;

/// <summary>What connections use of their transport.</summary>
internal sealed class TransportServices(
    ITransportHost engine, ILogger logger, TimeProvider clock, IBufferPool buffers, TransportSettings settings, Func<IReadOnlyList<ListeningPortal>> portals)
{
    private volatile TransportSettings _settings = settings;
    private volatile bool _draining;

    /// <summary>The engine.</summary>
    public ITransportHost Engine => engine;

    /// <summary>The log.</summary>
    public ILogger Logger => logger;

    /// <summary>The clock.</summary>
    public TimeProvider Clock => clock;

    /// <summary>Memory.</summary>
    public IBufferPool Buffers => buffers;

    /// <summary>Sessions.</summary>
    public SessionTable Sessions { get; } = new();

    /// <summary>Present options; connections look each time.</summary>
    public TransportSettings Settings
    {
        get => _settings;
        set => _settings = value;
    }

    /// <summary>True when no new session is taken.</summary>
    public bool IsDraining
    {
        get => _draining;
        set => _draining = value;
    }

    /// <summary>Where the transport listens now.</summary>
    public IReadOnlyList<ListeningPortal> Portals => portals();
}

/// <summary>An address the transport listens on.</summary>
/// <param name="EndPoint">Address and real port.</param>
/// <param name="PortalGroupTag">Portal group.</param>
internal sealed record ListeningPortal(System.Net.IPEndPoint EndPoint, ushort PortalGroupTag);
