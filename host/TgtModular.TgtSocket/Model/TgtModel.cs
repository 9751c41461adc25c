using TgtModular.Core.Configuration;
using TgtModular.Core.Control;

namespace TgtModular.TgtSocket.Model;

/// <summary>An account of the global list.</summary>
internal sealed record TgtAccount(string User, string Password)
{
    /// <summary>The name only.</summary>
    public override string ToString() => User;
}

/// <summary>What the socket knows beyond the engine: numbers of targets, accounts, states. Used by one request at a time.</summary>
internal sealed class TgtModel
{
    private readonly SortedDictionary<int, TgtTarget> _targets = [];

    /// <summary>Accounts, newest first as tgt lists them.</summary>
    public List<TgtAccount> Accounts { get; } = [];

    /// <summary>Accounts of discovery.</summary>
    public List<string> DiscoveryIncoming { get; } = [];

    /// <summary>The account of discovery towards initiators.</summary>
    public string? DiscoveryOutgoing { get; set; }

    /// <summary>The daemon was put offline.</summary>
    public bool Offline { get; set; }

    /// <summary>Debugging was asked for.</summary>
    public bool Debug { get; set; }

    /// <summary>Transports that were stopped, with what they need to start again.</summary>
    public Dictionary<string, TransportSpec> Stopped { get; } = new(StringComparer.Ordinal);

    /// <summary>The targets by number.</summary>
    public IReadOnlyCollection<TgtTarget> Targets => _targets.Values;

    /// <summary>The target of a number; null when there is none.</summary>
    public TgtTarget? Find(int id) => _targets.GetValueOrDefault(id);

    public TgtAccount? FindAccount(string user) => Accounts.Find(account => account.User == user);

    public void Add(TgtTarget target) => _targets.Add(target.Id, target);

    public void Remove(TgtTarget target) => _targets.Remove(target.Id);

    /// <summary>
    /// Follows the engine: targets that were made elsewhere get the next free number and keep it for as long as they are there; those removed elsewhere go,
    /// and units whose place in a target was taken away elsewhere.
    /// </summary>
    public void Follow(EngineSnapshot now)
    {
        Dictionary<string, TargetStatus> present = now.Targets.ToDictionary(status => status.Spec.Key, StringComparer.Ordinal);
        foreach (TgtTarget gone in _targets.Values.Where(target => !present.ContainsKey(target.Key)).ToArray()) Remove(gone);
        foreach (TgtTarget target in _targets.Values)
        {
            ValueList<LunSpec> mapped = present[target.Key].Spec.Luns;
            foreach (TgtUnit gone in target.Units.Values.Where(unit => !mapped.Contains(unit.Mapping)).ToArray()) _ = target.Units.Remove(gone.Lun);
        }

        HashSet<string> known = [.. _targets.Values.Select(target => target.Key)];
        foreach (TargetSpec spec in now.Targets.Select(status => status.Spec).Where(spec => !known.Contains(spec.Key)))
        {
            if (spec.Transports.Count == 0) continue;
            TargetTransportSpec seen = spec.Transports[0];
            Add(new TgtTarget(NextId(), spec.Key, seen.TargetName, seen.Transport) { IsForeign = true });
        }
    }

    /// <summary>The accounts of a list of names, as the engine takes them.</summary>
    public ChapSpec Chap(IEnumerable<string> incoming, string? outgoing) =>
        new([.. incoming.Select(Credential)], outgoing is null ? null : Credential(outgoing));

    private ChapAccountSpec Credential(string user) => new(user, new Secret(System.Text.Encoding.UTF8.GetBytes(FindAccount(user)!.Password)));

    private int NextId()
    {
        int id = 1;
        while (_targets.ContainsKey(id)) id++;
        return id;
    }
}
