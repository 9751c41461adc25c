using TgtModular.Lio.Configfs;

namespace TgtModular.Lio.Transport;

/// <summary>An export that an earlier run left in the kernel.</summary>
/// <param name="Tree">Its fabric.</param>
/// <param name="Port">Its port.</param>
/// <param name="Place">Its place there.</param>
internal sealed record Leftover(PortTree Tree, string Port, PortExport Place);

/// <summary>What an earlier run of the daemon left behind and nobody has claimed yet. Its owner is the pass.</summary>
internal sealed class Leftovers(LioServices services, BackendTree backends)
{
    private readonly Dictionary<string, Leftover> _exports = new(StringComparer.Ordinal);

    public bool IsEmpty => _exports.Count == 0;

    /// <summary>Reads what is there of ours. Backends that are not linked anywhere serve nobody and go at once.</summary>
    public void TakeStock(IEnumerable<PortTree> fabrics)
    {
        foreach (PortTree tree in fabrics)
        {
            foreach (string port in tree.ReadPorts())
            {
                foreach (PortExport place in tree.ReadExports(port).Where(place => IsOurs(place.Backend)))
                    _exports[place.Backend] = new Leftover(tree, port, place);
            }
        }

        foreach (string unlinked in backends.Find(services.Family.BackendPrefix).Where(path => !_exports.ContainsKey(path)))
        {
            backends.Remove(unlinked);
            Log.LeftoverRemoved(services.Logger, unlinked);
        }
    }

    public bool IsOurs(string backend) =>
        backend[(backend.LastIndexOf('/') + 1)..].StartsWith(services.Family.BackendPrefix, StringComparison.Ordinal);

    /// <summary>True when something of ours is in a port.</summary>
    public bool AnyAt(PortTree tree, string port) => _exports.Values.Any(left => left.Tree == tree && left.Port == port);

    /// <summary>
    /// The export of a backend when it is just where it is wanted; then it is claimed. One that is elsewhere, or was not finished, goes.
    /// </summary>
    public Leftover? Claim(string backend, PortTree tree, string port, string? initiator, int lun)
    {
        if (!_exports.Remove(backend, out Leftover? left)) return null;
        if (left.Tree == tree && left.Port == port && left.Place.Initiator == initiator && left.Place.MappedLun == lun) return left;
        Remove(left);
        return null;
    }

    /// <summary>Removes what nobody has claimed.</summary>
    public void RemoveRest()
    {
        foreach ((string backend, Leftover left) in _exports.ToArray())
        {
            Remove(left);
            _ = _exports.Remove(backend);
        }

        backends.RemoveHba(services.Family.Hba);
    }

    private void Remove(Leftover left)
    {
        backends.FailCommands(left.Place.Backend); // nobody would answer them
        left.Tree.Remove(left.Port, left.Place);
        backends.Remove(left.Place.Backend);
        Log.LeftoverRemoved(services.Logger, left.Place.Backend);
    }
}
