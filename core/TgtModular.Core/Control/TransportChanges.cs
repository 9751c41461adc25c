using TgtModular.Core.Configuration;

namespace TgtModular.Core.Control;

/// <summary>What a plan does to transports. One that cannot take a new value while it runs is ended and started anew.</summary>
internal sealed class TransportChanges
{
    public TransportChanges(EngineSnapshot now, ObjectDiff<TransportSpec> diff)
    {
        int SessionsOf(string name) => now.Sessions.Count(session => session.Transport == name);
        foreach (TransportSpec removed in diff.Removed) Stops.Add(new StopTransport(removed.Name, SessionsOf(removed.Name)));
        foreach ((TransportSpec old, TransportSpec to) in diff.Changed)
        {
            string[] changed = [.. to.Options.Schema.Definitions.Select(option => option.Name).Where(name => !old.Options.Agrees(to.Options, name))];
            if (old.Plugin == to.Plugin && changed.All(name => to.Options.Schema.Find(name)!.Mutable))
            {
                IEnumerable<string> parts =
                    changed.Select(name => to.Options.Find(name) is { } value ? $"{name}={SpecText.Value(to.Options.Schema.Find(name)!, value)}"
                    : $"{name} back to its default");
                Starts.Add(new ReconfigureTransport(to,
                    string.Join(' ', old.DiscoveryChap == to.DiscoveryChap ? parts : parts.Append("new accounts of discovery"))));
            }
            else
            {
                Stops.Add(new StopTransport(to.Name, SessionsOf(to.Name)));
                Starts.Add(new StartTransport(to));
            }
        }

        Starts.AddRange(diff.Added.Select(transport => new StartTransport(transport)));
    }

    public List<ControlOperation> Stops { get; } = [];

    public List<ControlOperation> Starts { get; } = [];
}
