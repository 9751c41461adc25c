using System.Net;
using System.Net.Sockets;
using TgtModular.Iscsi.Configuration;
using TgtModular.Iscsi.Tests.Wire;
using TgtModular.TestKit;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Tests;

/// <summary>What every transport must do, over real sockets, on the engine and with the keys of the class that inherits it.</summary>
public abstract class IscsiConformance(string engine, params string[] keys) : TransportConformance
{
    protected override ITransportFactory Factory { get; } = new IscsiTransportFactory();

    protected override string TargetName => Bench.TargetName;

    protected override IReadOnlyDictionary<string, object> CreateOptions() =>
        new Dictionary<string, object> { [TransportOptions.Listen] = (IReadOnlyList<string>)["127.0.0.1:0"], [TransportOptions.Engine] = engine };

    protected override async Task<TransportClient?> ConnectAsync(ITransport transport, int initiator)
    {
        ArgumentNullException.ThrowIfNull(transport);
        if (transport.Portals is not [var portal]) throw new IOException("it listens no more");
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(IPEndPoint.Parse(portal.Address));
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }

        WireInitiator wire = new(new Iscsi.Channels.SocketChannel(socket, 16), null, Task.CompletedTask);
        return await ConformanceClient.LoginAsync(wire, initiator, TargetName, keys);
    }
}

/// <summary>On event loops of our own, as most initiators log in.</summary>
[TestClass]
public sealed class EpollConformance() : IscsiConformance(TransportOptions.EpollEngine);

/// <summary>On the framework's sockets, with digests.</summary>
[TestClass]
public sealed class SocketConformance() : IscsiConformance(TransportOptions.SocketEngine, "HeaderDigest=CRC32C", "DataDigest=CRC32C");
