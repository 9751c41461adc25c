using Moq;
using TgtModular.Devices;
using TgtModular.Lio.Fabrics;
using TgtModular.Lio.Transport;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Lio.Tests.Transport;

/// <summary>A target of the engine, as a transport sees it.</summary>
internal sealed class FakeTarget : ITransportTarget
{
    public FakeTarget(FabricFamily family, string name, bool demoMode = false)
    {
        Name = name;
        Dictionary<string, object> given = new() { [LioTargetOptions.Name] = name };
        if (demoMode) given[LioTargetOptions.DemoMode] = true;
        Options = new OptionValues(LioTargetOptions.For(family), given);
    }

    public string Name { get; }

    public OptionValues Options { get; }

    public Authentication Authentication { get; set; } = Authentication.None;

    /// <summary>Who may log in; an asterisk stands for everybody.</summary>
    public List<string> Admitted { get; } = [];

    /// <summary>LUNs that everybody sees.</summary>
    public SortedDictionary<int, MappedUnit> Units { get; } = [];

    /// <summary>LUNs that only one initiator sees.</summary>
    public Dictionary<string, SortedDictionary<int, MappedUnit>> OwnUnits { get; } = [];

    /// <summary>Nexuses that are open.</summary>
    public List<NexusRequest> Open { get; } = [];

    public IReadOnlyList<string> NamedInitiators => [.. Admitted.Where(name => !name.Contains('*'))];

    public FakeTarget With(int lun, string unit, long blocks = 2048, string? elsewhere = null)
    {
        Units[lun] = new MappedUnit(Lun.FromNumber(lun), unit, new UnitGeometry(512, blocks, true, false)) { Elsewhere = elsewhere };
        return this;
    }

    public FakeTarget For(params string[] initiators)
    {
        Admitted.AddRange(initiators);
        return this;
    }

    public bool Admits(InitiatorIdentity initiator) => Admitted.Contains("*") || Admitted.Contains(initiator.Name);

    public IReadOnlyList<Lun> GetLuns(InitiatorIdentity initiator) => [.. GetUnits(initiator).Select(unit => unit.Lun)];

    public IReadOnlyList<MappedUnit> GetUnits(InitiatorIdentity initiator) =>
        [.. Units.Values.Concat(OwnUnits.GetValueOrDefault(initiator.Name)?.Values ?? Enumerable.Empty<MappedUnit>()).OrderBy(unit => unit.Lun)];

    public INexus? OpenNexus(NexusRequest request)
    {
        if (!Admits(request.Initiator)) return null;
        Assert.IsFalse(Open.Exists(other => other.InitiatorPort.Equals(request.InitiatorPort)), "a nexus of the same initiator port is open");
        Open.Add(request);
        Mock<INexus> nexus = new();
        nexus.Setup(view => view.CloseAsync(It.IsAny<NexusEnd>())).Returns(() =>
        {
            _ = Open.Remove(request);
            return default;
        });
        return nexus.Object;
    }
}

/// <summary>The engine, as a transport sees it.</summary>
internal sealed class FakeEngine : ITransportHost
{
    public List<FakeTarget> All { get; } = [];

    public IReadOnlyList<ITransportTarget> Targets => [.. All];

    public Authentication DiscoveryAuthentication => Authentication.None;

    public ITransportTarget? FindTarget(string name) => All.Find(target => target.Name == name);

    public UnitGeometry? GetGeometry(ITransportTarget target, Lun lun) => null;
}
