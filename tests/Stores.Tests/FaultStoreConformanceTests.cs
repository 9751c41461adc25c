using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

/// <summary>Without rules the filter is not there.</summary>
public abstract class FaultStoreConformance(bool isVolatile) : BlockStoreConformance
{
    private readonly string _name = $"fault-{Guid.NewGuid():N}";

    protected override IStoreFactory Factory => new NamedFactory(new FaultStoreFactory(), _name);

    protected override bool KeepsDataWhenReopened => true;

    protected override IReadOnlyDictionary<string, object> CreateOptions(long size) => new Dictionary<string, object> { ["volatile"] = isVolatile };

    protected override async ValueTask<IReadOnlyList<IBackingStore>> OpenLowerAsync(long size) =>
        [await new MemoryStoreFactory().OpenBlockStoreAsync(Host, new Dictionary<string, object> { ["size"] = size })];

    /// <summary>Tests run side by side, and the registry knows a name once.</summary>
    private sealed class NamedFactory(IStoreFactory inner, string name) : IStoreFactory
    {
        public Plugins.OptionSchema Options => inner.Options;

        public int LowerCount => inner.LowerCount;

        public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken) =>
            inner.OpenAsync(context with { Name = name }, cancellationToken);
    }
}

[TestClass]
public sealed class TransparentFaultConformanceTests() : FaultStoreConformance(isVolatile: false);

[TestClass]
public sealed class VolatileFaultConformanceTests() : FaultStoreConformance(isVolatile: true);
