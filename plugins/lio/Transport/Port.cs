using TgtModular.Lio.Configfs;
using TgtModular.Lio.Fabrics;

namespace TgtModular.Lio.Transport;

/// <summary>A port that is, or shall be, in the kernel. Its owner is the pass.</summary>
internal sealed class Port(PortTree tree, string name)
{
    public PortTree Tree => tree;

    public FabricRow Row => tree.Row;

    public string Name => name;

    /// <summary>Where it is in the configuration tree.</summary>
    public string Path => $"{Row.Directory}/{name}";

    /// <summary>True when its directory and group are there.</summary>
    public bool IsMade { get; set; }

    /// <summary>True when it serves.</summary>
    public bool IsEnabled { get; set; }

    /// <summary>Attributes it was made with.</summary>
    public IReadOnlyList<GroupAttribute> Attributes { get; set; } = [];

    /// <summary>Initiator of its one nexus that it was made with.</summary>
    public string? NexusName { get; set; }

    /// <summary>What is wrong with it as a whole; null when nothing is.</summary>
    public string? Problem { get; set; }

    /// <summary>Its initiators by name.</summary>
    public SortedDictionary<string, PortNexus> Nexuses { get; } = new(StringComparer.Ordinal);

    /// <summary>Everything that is wrong.</summary>
    public IEnumerable<string> AllProblems
    {
        get
        {
            if (Problem is { } own) yield return $"{name}: {own}";
            foreach (PortNexus nexus in Nexuses.Values)
            {
                foreach (string why in nexus.AllProblems) yield return $"{name}, {nexus.Initiator}: {why}";
            }
        }
    }
}
