using TgtModular.Lio.Tests.Configfs;
using TgtModular.Lio.Transport;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Lio.Tests.Transport;

/// <summary>Answers nobody, but says whose commands it would answer: the tree wants to know before it links.</summary>
internal sealed class FakeRings(FakeConfigfs tree) : IRingServer
{
    /// <summary>Rings that are served, by name.</summary>
    public Dictionary<string, FakeRing> Served { get; } = [];

    /// <summary>Why the next ring cannot be served; null when it can.</summary>
    public string? Refusal { get; set; }

    /// <summary>How often rings were told to leave commands to their next server.</summary>
    public int Stops { get; private set; }

    public IRingGroup Open(INexus nexus) => new Group(this);

    public ValueTask DisposeAsync() => default;

    internal void Serve(FakeRing ring)
    {
        if (Refusal is { } why) throw new TransportException(why);
        Assert.IsTrue(Served.TryAdd(ring.Name, ring), $"{ring.Name} is served twice");
        _ = tree.Served.Add(ring.Name);
    }

    internal void Forget(FakeRing ring)
    {
        _ = Served.Remove(ring.Name);
        _ = tree.Served.Remove(ring.Name);
    }

    private sealed class Group(FakeRings rings) : IRingGroup
    {
        public void Stop() => rings.Stops++;

        public ValueTask<IRingDevice> ServeAsync(string uioName, Lun lun, bool isRepeatable, CancellationToken cancellationToken)
        {
            FakeRing ring = new(rings, uioName, lun);
            rings.Serve(ring);
            return new(ring);
        }

        public ValueTask DisposeAsync() => default;
    }
}

/// <summary>A ring.</summary>
internal sealed class FakeRing(FakeRings rings, string name, Lun lun) : IRingDevice
{
    private readonly TaskCompletionSource<string> _failed = new();

    public string Name => name;

    public Lun Lun => lun;

    public Task<string> Failed => _failed.Task;

    /// <summary>The ring's content makes no sense any more.</summary>
    public void Fail(string why) => _failed.SetResult(why);

    public ValueTask DisposeAsync()
    {
        rings.Forget(this);
        return default;
    }
}
