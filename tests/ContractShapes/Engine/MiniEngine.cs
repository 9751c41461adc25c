using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.ContractShapes.Engine;

/// <summary>A target with its units.</summary>
internal sealed class MiniTarget(string name, params (int Lun, IDeviceServer Server)[] units) : ITransportTarget
{
    public string Name => name;

    public IReadOnlyDictionary<Lun, IDeviceServer> Units { get; } = units.ToDictionary(unit => Lun.FromNumber(unit.Lun), unit => unit.Server);

    public OptionValues Options => OptionValues.Empty;

    public Authentication Authentication => Authentication.None;

    public List<MiniNexus> Nexuses { get; } = [];

    public bool Admits(InitiatorIdentity initiator) => initiator.Name != "stranger";

    public IReadOnlyList<Lun> GetLuns(InitiatorIdentity initiator) => [.. Units.Keys.Order()];

    public INexus? OpenNexus(NexusRequest request)
    {
        if (!Admits(request.Initiator)) return null;
        MiniNexus nexus = new(request, this);
        lock (Nexuses) Nexuses.Add(nexus);
        return nexus;
    }
}

/// <summary>The engine, as a transport sees it.</summary>
internal sealed class MiniEngine(params MiniTarget[] targets) : ITransportHost
{
    public IReadOnlyList<ITransportTarget> Targets => targets;

    public Authentication DiscoveryAuthentication => Authentication.None;

    public ITransportTarget? FindTarget(string name) => Array.Find(targets, target => target.Name == name);

    public UnitGeometry? GetGeometry(ITransportTarget target, Lun lun) =>
        ((MiniTarget)target).Units.TryGetValue(lun, out IDeviceServer? server) ? (server as IHasGeometry)?.Geometry : null;
}

/// <summary>A fake device server that tells its geometry to the test's engine.</summary>
internal interface IHasGeometry
{
    /// <summary>What it published.</summary>
    UnitGeometry Geometry { get; }
}
