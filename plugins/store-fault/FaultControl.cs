using System.Collections.Concurrent;

namespace TgtModular.Stores;

/// <summary>The handle by which a test in the same process steers an open fault store.</summary>
public sealed class FaultControl
{
#pragma warning disable TGT0004 // Tests in the same process find an open store here by its name: that is what it is for.
    private static readonly ConcurrentDictionary<string, FaultControl> Open = new(StringComparer.Ordinal);
#pragma warning restore TGT0004

    private readonly FaultStore _store;
    private readonly FaultRules _rules;
    private readonly FaultCounters _counters;

    internal FaultControl(FaultStore store, FaultRules rules, FaultCounters counters)
    {
        _store = store;
        _rules = rules;
        _counters = counters;
    }

    /// <summary>Calls so far.</summary>
    public FaultCounts Counts => _counters.Counts;

    /// <summary>Calls that hang now.</summary>
    public int Hanging => _rules.Hanging;

    /// <summary>The open fault store of that name; null when there is none.</summary>
    public static FaultControl? Find(string storeName) => Open.GetValueOrDefault(storeName);

    /// <summary>Puts these rules in force instead of the old ones; calls that hang go on.</summary>
    /// <exception cref="FormatException">A rule is not understood; the old ones stay.</exception>
    public void SetRules(params string[] rules) => _rules.Set(FaultRulesFile.Parse(rules));

    /// <summary>Lets the calls that hang go on; the rules stay.</summary>
    public void Release() => _rules.Release(abandon: false);

    /// <summary>Cuts the power: unflushed data are gone, calls answer unavailable until <see cref="Restore"/>.</summary>
    /// <param name="keep">Seed that chooses unflushed data that reached the medium all the same, as a cache may have written them; null: none did.</param>
    public ValueTask CrashAsync(int? keep = null) => _store.CrashAsync(keep);

    /// <summary>Power is back.</summary>
    public void Restore() => _store.Restore();

    internal static bool TryRegister(string storeName, FaultControl control) => Open.TryAdd(storeName, control);

    internal static void Unregister(string storeName) => Open.TryRemove(storeName, out _);
}
