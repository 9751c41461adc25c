using TgtModular.Core.Reservations;
using TgtModular.Scsi;

namespace TgtModular.Core.Tests;

/// <summary>Number of an initiator and of a target port.</summary>
internal readonly record struct ModelNexus(int Initiator, int Port);

/// <summary>What the model expects of a command.</summary>
internal enum ModelAnswer
{
    Good,
    Conflict,
    Refused,
}

/// <summary>
/// Persistent reservations as simply as they can be said: a key or none for every nexus there can be, ALL_TG_PT being the same command through every port.
/// </summary>
internal sealed class ReservationsModel(int ports)
{
    private ModelNexus _sender;

    public Dictionary<ModelNexus, ulong> Keys { get; } = [];

    public ReservationType? Type { get; private set; }

    /// <summary>Null where all registrants hold.</summary>
    public ModelNexus? Holder { get; private set; }

    public uint Generation { get; private set; }

    /// <summary>Unit attentions by the last command; of nexuses that may not be open.</summary>
    public List<(ModelNexus Nexus, AdditionalSense Attention)> Told { get; } = [];

    public bool HasAccess(ModelNexus nexus) => Type is not { } type || (type.IsForRegistrants() ? Keys.ContainsKey(nexus) : Holder == nexus);

    public ModelAnswer Register(ModelNexus sender, ulong key, ulong newKey, bool ignore, bool allPorts)
    {
        Begin(sender);
        ModelNexus[] concerned = allPorts ? [.. Enumerable.Range(0, ports).Select(port => sender with { Port = port })] : [sender];
        if (!ignore && Keys.GetValueOrDefault(sender) != key) return ModelAnswer.Conflict;
        if (!ignore && concerned.Any(nexus => Keys.TryGetValue(nexus, out ulong other) && other != key)) return ModelAnswer.Conflict;
        if (newKey == 0 && !concerned.Any(Keys.ContainsKey)) return ModelAnswer.Good;
        foreach (ModelNexus nexus in concerned)
        {
            if (newKey == 0) Keys.Remove(nexus);
            else Keys[nexus] = newKey;
        }

        Generation++;
        ReservationType? before = Type;
        Settle();
        if (Type is null && before is ReservationType.WriteExclusiveRegistrantsOnly or ReservationType.ExclusiveAccessRegistrantsOnly)
            Tell(Keys.Keys, AdditionalSense.ReservationsReleased);
        return ModelAnswer.Good;
    }

    public ModelAnswer Reserve(ModelNexus sender, ulong key, ReservationType type)
    {
        Begin(sender);
        if (!IsKey(key)) return ModelAnswer.Conflict;
        if (Type is not null) return Holds() && Type == type ? ModelAnswer.Good : ModelAnswer.Conflict;
        Take(type);
        return ModelAnswer.Good;
    }

    public ModelAnswer Release(ModelNexus sender, ulong key, ReservationType type)
    {
        Begin(sender);
        if (!IsKey(key)) return ModelAnswer.Conflict;
        if (!Holds()) return ModelAnswer.Good;
        if (Type != type) return ModelAnswer.Refused;
        Type = null;
        Holder = null;
        if (type.IsForRegistrants()) Tell(Keys.Keys, AdditionalSense.ReservationsReleased);
        return ModelAnswer.Good;
    }

    public ModelAnswer Clear(ModelNexus sender, ulong key)
    {
        Begin(sender);
        if (!IsKey(key)) return ModelAnswer.Conflict;
        Tell(Keys.Keys, AdditionalSense.ReservationsPreempted);
        Keys.Clear();
        Settle();
        Generation++;
        return ModelAnswer.Good;
    }

    public ModelAnswer Preempt(ModelNexus sender, ulong key, ulong victim, ReservationType type)
    {
        Begin(sender);
        if (!IsKey(key)) return ModelAnswer.Conflict;
        bool all = Type is { } held && held.IsAllRegistrants();
        if (victim == 0 && !all) return ModelAnswer.Refused;
        bool takes = Holder is { } holder ? Keys[holder] == victim : all && victim == 0;
        ModelNexus[] losers = [.. Keys.Where(pair => (victim == 0 || pair.Value == victim) && !(takes && pair.Key == sender)).Select(pair => pair.Key)];
        if (!takes && losers.Length == 0) return ModelAnswer.Conflict;
        foreach (ModelNexus loser in losers) Keys.Remove(loser);
        Tell(losers, AdditionalSense.RegistrationsPreempted);
        Generation++;
        if (takes)
        {
            if (Type != type) Tell(Keys.Keys, AdditionalSense.ReservationsReleased);
            Take(type);
        }

        Settle();
        return ModelAnswer.Good;
    }

    public ModelAnswer Move(ModelNexus sender, ulong key, ulong newKey, ModelNexus target, bool unregister)
    {
        Begin(sender);
        if (!IsKey(key)) return ModelAnswer.Conflict;
        if (Type is not { } type) return ModelAnswer.Refused;
        if (type.IsAllRegistrants() || Holder != sender) return ModelAnswer.Conflict;
        if (newKey == 0 || target.Initiator == sender.Initiator) return ModelAnswer.Refused;
        Keys[target] = newKey;
        Holder = target;
        if (unregister) Keys.Remove(sender);
        Generation++;
        return ModelAnswer.Good;
    }

    private void Begin(ModelNexus sender)
    {
        _sender = sender;
        Told.Clear();
    }

    private bool IsKey(ulong key) => Keys.TryGetValue(_sender, out ulong own) && own == key;

    private bool Holds() => Type is not null && (Holder is null ? Keys.ContainsKey(_sender) : Holder == _sender);

    private void Take(ReservationType type)
    {
        Type = type;
        Holder = type.IsAllRegistrants() ? null : _sender;
    }

    private void Settle()
    {
        if (Type is null || (Holder is { } holder ? Keys.ContainsKey(holder) : Keys.Count > 0)) return;
        Type = null;
        Holder = null;
    }

    private void Tell(IEnumerable<ModelNexus> nexuses, AdditionalSense attention) =>
        Told.AddRange(nexuses.Where(nexus => nexus != _sender).Select(nexus => (nexus, attention)));
}
