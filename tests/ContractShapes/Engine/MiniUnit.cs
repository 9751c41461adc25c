using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.ContractShapes.Engine;

/// <summary>Units by name, across targets and contexts.</summary>
internal sealed class MiniDirectory : IUnitDirectory
{
    private readonly Dictionary<string, MiniUnit> _units = [];

    public void Add(MiniUnit unit) => _units.Add(unit.Identity.Name, unit);

    public IRemovableMedium? FindMedium(string unitName) => _units.GetValueOrDefault(unitName)?.Medium;

    public UnitIdentity? Find(string unitName) => _units.GetValueOrDefault(unitName)?.Identity;
}

/// <summary>A logical unit that keeps what its device server publishes.</summary>
internal sealed class MiniUnit : ILogicalUnit
{
    public MiniUnit(string name, MiniDirectory? directory = null, params (string Role, IBackingStore Store)[] stores)
    {
        Identity = new UnitIdentity(name, "TGT", null, "0001", $"SN-{name}", name, null);
        Stores = stores.ToDictionary(entry => entry.Role, entry => entry.Store);
        MiniDirectory all = directory ?? new MiniDirectory();
        all.Add(this);
        Directory = all;
    }

    public UnitIdentity Identity { get; }

    public IReadOnlyDictionary<string, IBackingStore> Stores { get; }

    public IUnitDirectory Directory { get; }

    public int MaximumTransferLength => 1 << 20;

    public bool DescriptorSense { get; set; }

    public bool TaskAbortedStatus { get; set; }

    public bool WriteProtected { get; set; }

    public UnitGeometry? Geometry { get; private set; }

    public IRemovableMedium? Medium { get; private set; }

    public List<AdditionalSense> Attentions { get; } = [];

    public void Publish(UnitGeometry geometry) => Geometry = geometry;

    public void Publish(IRemovableMedium? medium) => Medium = medium;

    public void EstablishUnitAttention(AdditionalSense additional, UnitAttentionScope scope = UnitAttentionScope.All, INexusView? nexus = null) =>
        Attentions.Add(additional);
}
