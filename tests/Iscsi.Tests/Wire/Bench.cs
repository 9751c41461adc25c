using System.Net;
using TgtModular.Iscsi.Configuration;
using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Tests.Channels;
using TgtModular.Plugins;
using TgtModular.TestKit;

namespace TgtModular.Iscsi.Tests.Wire;

/// <summary>The transport over connections in memory, with the test engine behind it. Its disposal finds leaked buffers and sessions.</summary>
internal sealed class Bench : IAsyncDisposable
{
    public const string TargetName = "iqn.2026-11.org.example:disk";

    public Bench(params (string Key, object Value)[] targetOptions)
        : this([], targetOptions)
    {
    }

    public Bench((string Key, object Value)[] transportOptions, (string Key, object Value)[] targetOptions)
    {
        Target = Engine.Add(new IscsiTarget(TargetName, Host.Buffers, targetOptions));
        Dictionary<string, object> given = new() { [TransportOptions.Listen] = (IReadOnlyList<string>)[] };
        foreach ((string key, object value) in transportOptions) given[key] = value;
        OptionValues options = new(TransportOptions.Schema, given);
        Transport = (IscsiTransport)new IscsiTransportFactory().Create(new Transports.TransportCreateContext(options, Engine, Host));
    }

    public TestHost Host { get; } = new();

    public TestEngine Engine { get; } = new();

    public TestTarget Target { get; }

    public IscsiTransport Transport { get; }

    /// <summary>A connection that has not logged in.</summary>
    public WireInitiator Connect(IPEndPoint? from = null, int capacity = 1 << 20)
    {
        (MemoryChannel targetSide, MemoryChannel initiatorSide) = MemoryChannel.CreatePair(capacity, initiatorAddress: from);
        (Connection connection, Task ended) = Transport.Serve(targetSide, 1);
        return new WireInitiator(initiatorSide, connection, ended);
    }

    /// <summary>Time goes on, second by second, as the transport's timer ticks.</summary>
    public void PassSeconds(int seconds)
    {
        for (int second = 0; second < seconds; second++) Host.Clock.Advance(TimeSpan.FromSeconds(1));
    }

    /// <summary>A connection that has logged in to the target.</summary>
    public async Task<WireInitiator> LoginAsync(params string[] keys)
    {
        WireInitiator initiator = Connect();
        await initiator.LoginAsync(TargetName, keys);
        return initiator;
    }

    public async ValueTask DisposeAsync()
    {
        await Transport.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.IsEmpty(Transport.GetSessions(), "sessions are left");
        Assert.IsEmpty(Transport.Connections, "connections are left");
        foreach (EngineNexus nexus in Target.Nexuses)
        {
            Assert.IsTrue(nexus.IsClosed, "a nexus is left open");
            Assert.AreEqual(0, nexus.InFlight, "commands are left in flight");
        }

        Host.Dispose();
    }
}
