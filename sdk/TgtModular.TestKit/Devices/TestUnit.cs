using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.TestKit;

/// <summary>A unit attention that a device server established.</summary>
/// <param name="Additional">Its code.</param>
/// <param name="Scope">For whom.</param>
/// <param name="Nexus">The nexus named.</param>
public sealed record EstablishedAttention(AdditionalSense Additional, UnitAttentionScope Scope, INexusView? Nexus);

/// <summary>Units by name, as the core's directory finds them.</summary>
public sealed class TestUnitDirectory : IUnitDirectory
{
    private readonly Dictionary<string, TestUnit> _units = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public IRemovableMedium? FindMedium(string unitName) => _units.GetValueOrDefault(unitName)?.Medium;

    /// <inheritdoc/>
    public UnitIdentity? Find(string unitName) => _units.GetValueOrDefault(unitName)?.Identity;

    internal void Add(TestUnit unit) => _units.Add(unit.Identity.Name, unit);
}

/// <summary>A logical unit that remembers what its device server told it.</summary>
public sealed class TestUnit : ILogicalUnit
{
    private readonly List<EstablishedAttention> _attentions = [];
    private readonly TestUnitDirectory _directory;

    /// <summary>A unit.</summary>
    /// <param name="stores">Its stores by role.</param>
    /// <param name="identity">Who it is; null for a usual one.</param>
    /// <param name="directory">The directory it is put into and sees; null for one of its own.</param>
    public TestUnit(IReadOnlyDictionary<string, IBackingStore>? stores = null, UnitIdentity? identity = null, TestUnitDirectory? directory = null)
    {
        Stores = stores ?? new Dictionary<string, IBackingStore>();
        Identity = identity ?? CreateIdentity("unit");
        _directory = directory ?? new TestUnitDirectory();
        _directory.Add(this);
    }

    /// <inheritdoc/>
    public UnitIdentity Identity { get; }

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, IBackingStore> Stores { get; }

    /// <inheritdoc/>
    public IUnitDirectory Directory => _directory;

    /// <inheritdoc/>
    public int MaximumTransferLength { get; set; } = 16 * 1024 * 1024;

    /// <inheritdoc/>
    public bool DescriptorSense { get; set; }

    /// <inheritdoc/>
    public bool TaskAbortedStatus { get; set; }

    /// <inheritdoc/>
    public bool WriteProtected { get; set; }

    /// <summary>The geometry published last.</summary>
    public UnitGeometry? Geometry { get; private set; }

    /// <summary>The medium interface published last.</summary>
    public IRemovableMedium? Medium { get; private set; }

    /// <summary>Unit attentions so far, oldest first; a copy.</summary>
    public IReadOnlyList<EstablishedAttention> Attentions
    {
        get
        {
            lock (_attentions) return [.. _attentions];
        }
    }

    /// <summary>An identity with this name and plausible values.</summary>
    public static UnitIdentity CreateIdentity(string name) =>
        new(name, "TGT", null, "0001", $"SN-{name}", $"TGT {name}", ((UInt128)0x6 << 124) | (UInt128)(uint)name.Length);

    /// <inheritdoc/>
    public void Publish(UnitGeometry geometry) => Geometry = geometry;

    /// <inheritdoc/>
    public void Publish(IRemovableMedium? medium) => Medium = medium;

    /// <inheritdoc/>
    public void EstablishUnitAttention(AdditionalSense additional, UnitAttentionScope scope = UnitAttentionScope.All, INexusView? nexus = null)
    {
        lock (_attentions) _attentions.Add(new EstablishedAttention(additional, scope, nexus));
    }
}
