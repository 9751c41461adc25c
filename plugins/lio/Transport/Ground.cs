using TgtModular.Lio.Configfs;
using TgtModular.Lio.Fabrics;

namespace TgtModular.Lio.Transport;

/// <summary>What must be there before a port can be made: modules, the tree, the fabrics' directories, and nobody else at work on them.</summary>
internal sealed class Ground(LioServices services) : IDisposable
{
    private const string Core = "target_core_mod";

    private readonly Dictionary<FabricRow, string> _problems = [];
    private IDisposable? _lock;

    /// <summary>The fabrics that can be worked on.</summary>
    public Dictionary<FabricRow, PortTree> Fabrics { get; } = [];

    /// <summary>Why the family as a whole cannot be worked on; null when it can.</summary>
    public string? Problem { get; private set; }

    /// <summary>Why ports of a fabric cannot be made; null when they can.</summary>
    public string? ProblemOf(FabricRow row) => Problem ?? _problems.GetValueOrDefault(row);

    /// <summary>Lays what is missing; blocks while modules load.</summary>
    public void Lay()
    {
        Problem = null;
        string? loading = null;
        if (!services.Tree.Exists("")) loading = services.Kernel.Modules.Load(Core);
        if (!services.Tree.Exists(""))
        {
            Problem = Problems.NoTree(services.Tree.Root, loading);
            return;
        }

        foreach (FabricRow row in services.Family.Rows.Where(row => !Fabrics.ContainsKey(row))) Lay(row);
        FabricRow first = services.Family.Rows[0];
        if (!Fabrics.ContainsKey(first))
        {
            Problem = _problems[first];
            return;
        }

        _lock ??= services.Tree.TryLock(first.Directory);
        if (_lock is null) Problem = $"another process has {services.Tree.Root}/{first.Directory}: one daemon at a time can serve {services.Family.Transport}";
    }

    /// <inheritdoc/>
    public void Dispose() => _lock?.Dispose();

    private void Lay(FabricRow row)
    {
        List<string> loading = [];
        foreach (string module in row.Modules)
        {
            if (services.Kernel.Modules.Load(module) is { } why) loading.Add(why);
        }

        PortTree tree = new(services.Tree, row, services.Report);
        try
        {
            tree.EnsureFabric();
            _ = _problems.Remove(row);
            Fabrics[row] = tree;
        }
        catch (ConfigfsException refused)
        {
            _problems[row] = Problems.NoFabric(row, loading, refused, services.Tree.Root);
        }
    }
}
