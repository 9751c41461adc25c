namespace TgtModular.Lio.Fabrics;

/// <summary>Where the nexuses of a fabric's port group come from, and with them whom a backend stands for.</summary>
public enum NexusRule
{
    /// <summary>Initiators log in; each has its ACL and its own backends.</summary>
    Acls,

    /// <summary>There is one, whose initiator is written to the attribute <c>nexus</c>.</summary>
    Written,

    /// <summary>There is one, of the one client at the other end.</summary>
    Client,
}

/// <summary>How the ports of a fabric are found on this machine.</summary>
public enum PortSource
{
    /// <summary>They are made by their name.</summary>
    Made,

    /// <summary>/sys/class/fc_host, of the QLogic driver.</summary>
    QLogic,

    /// <summary>/sys/class/fc_host, of any driver that tcm_fc serves; a port may come later than its target.</summary>
    FibreChannel,

    /// <summary>/sys/class/infiniband.</summary>
    Rdma,

    /// <summary>/sys/bus/vio, of the driver ibmvscsis.</summary>
    Vio,
}

/// <summary>An attribute of a port group and what is written there.</summary>
/// <param name="Name">Its name below <c>attrib</c>.</param>
/// <param name="Value">The value.</param>
public sealed record GroupAttribute(string Name, string Value);

/// <summary>A fabric of LIO: all that distinguishes one from another. The port group is always 1: fc and qla2xxx take no other.</summary>
/// <param name="Directory">Its directory in the tree.</param>
/// <param name="Ports">Form of port names.</param>
/// <param name="Initiators">Form of initiator names.</param>
/// <param name="Nexus">Where nexuses come from.</param>
/// <param name="Source">How ports are found.</param>
public sealed record FabricRow(string Directory, WwnForm Ports, WwnForm Initiators, NexusRule Nexus, PortSource Source)
{
    /// <summary>Modules to load; the last one brings the fabric.</summary>
    public IReadOnlyList<string> Modules { get; init; } = [];

    /// <summary>True where the port group has the attribute <c>enable</c>.</summary>
    public bool HasEnable { get; init; }

    /// <summary>True where the user of a port, a virtual machine, holds it for as long as it runs.</summary>
    public bool IsHeldByUser { get; init; }

    /// <summary>Attributes of a port group whose initiators have ACLs.</summary>
    public IReadOnlyList<GroupAttribute> AclAttributes { get; init; } = [];

    /// <summary>Attributes of a port group that lets everybody in; null where the fabric has no such mode that is of use.</summary>
    public IReadOnlyList<GroupAttribute>? DemoAttributes { get; init; }

    /// <summary>The fabric of the port that must be enabled before; null for none.</summary>
    public string? Base { get; init; }

    /// <summary>
    /// Attribute below <see cref="Directory"/> with the TCP port number at which the whole fabric waits for initiators that come by the RDMA connection manager;
    /// null where there is none.
    /// </summary>
    public string? RdmaPortAttribute { get; init; }

    /// <summary>The port group of a port.</summary>
    public string Group(string port) => $"{Directory}/{port}/tpgt_1";
}

/// <summary>What one transport serves: fabrics that share a name in the configuration.</summary>
/// <param name="Transport">The transport's name.</param>
/// <param name="Hba">Number of the <c>user_N</c> directory for its backends.</param>
/// <param name="Rows">Its fabrics; the first whose form a name has takes it.</param>
public sealed record FabricFamily(string Transport, int Hba, IReadOnlyList<FabricRow> Rows)
{
    /// <summary>What the names of its backends begin with: they are its own and are never taken for somebody else's.</summary>
    public string BackendPrefix => $"tgtmodular-{Transport}-";

    /// <summary>The fabric and the normalised name of a port.</summary>
    public (FabricRow Row, string Name)? Find(string name)
    {
        foreach (FabricRow row in Rows)
        {
            if (row.Ports.Normalize(name) is { } normalized) return (row, normalized);
        }

        return null;
    }
}
