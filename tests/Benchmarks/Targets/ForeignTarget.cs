using TgtModular.Benchmarks.Compare;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Benchmarks.Targets;

/// <summary>A target that somebody else has started: one logical unit, for whatever store is asked for.</summary>
/// <param name="name">In the table.</param>
/// <param name="address">Its logical unit, which is written to.</param>
/// <param name="processId">Whose processor time and memory are its; null when that is not known.</param>
internal sealed class ForeignTarget(string name, TargetAddress address, int? processId) : TestTarget
{
    public override string Name => name;

    public override Task StartAsync()
    {
        if (processId is { } known) Observe(known);
        return Task.CompletedTask;
    }

    public override TargetAddress? AddressOf(StoreKind store, bool digests) => store == StoreKind.Spread ? null : address;
}
