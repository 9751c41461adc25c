using System.Globalization;
using TgtModular.Lio.Fabrics;

namespace TgtModular.Lio.Configfs;

/// <summary>A backend at its place in a port group.</summary>
/// <param name="Backend">Path of the backend.</param>
/// <param name="LunNumber">Its <c>lun_N</c> in the port group.</param>
/// <param name="Initiator">Whose ACL maps it; null where the group has one nexus, or lets everybody in.</param>
/// <param name="MappedLun">Number by which that initiator sees it; else the same as <paramref name="LunNumber"/>.</param>
public sealed record PortExport(string Backend, int LunNumber, string? Initiator, int MappedLun)
{
    /// <summary>Name of the links to it: the backend's own.</summary>
    public string LinkName => Backend[(Backend.LastIndexOf('/') + 1)..];
}

/// <summary>What initiators did with an export since they were mapped.</summary>
/// <param name="Commands">Commands.</param>
/// <param name="ReadMebibytes">MiB read.</param>
/// <param name="WrittenMebibytes">MiB written.</param>
public readonly record struct ExportCounters(long Commands, long ReadMebibytes, long WrittenMebibytes);

/// <summary>Ports of one fabric in the tree: <c>FABRIC/PORT/tpgt_1</c> with its LUNs, ACLs and mapped LUNs.</summary>
/// <param name="tree">The tree.</param>
/// <param name="row">The fabric.</param>
/// <param name="report">Told of what could not be taken back.</param>
internal sealed class PortTree(IConfigfs tree, FabricRow row, Action<ConfigfsException> report)
{
    private const string LunPrefix = "lun_";

    public FabricRow Row => row;

    /// <summary>Makes the fabric's directory: the kernel looks for the module that brings it (target_core_register_fabric).</summary>
    public void EnsureFabric()
    {
        if (!tree.Exists(row.Directory)) tree.MakeDirectory(row.Directory);
    }

    /// <summary>True when the port has a directory.</summary>
    public bool Exists(string port) => tree.Exists($"{row.Directory}/{port}");

    /// <summary>Makes a port and its group, or what is missing of them; takes back what it made when a step is refused.</summary>
    /// <param name="port">The port.</param>
    /// <param name="attributes">Attributes of the group.</param>
    /// <param name="nexus">The initiator of its one nexus, where it is written.</param>
    public void EnsurePort(string port, IReadOnlyList<GroupAttribute> attributes, string? nexus)
    {
        using UndoList undo = new(report);
        EnsureDirectory($"{row.Directory}/{port}", undo);
        EnsureDirectory(row.Group(port), undo);
        foreach (GroupAttribute attribute in attributes) EnsureValue($"{row.Group(port)}/attrib/{attribute.Name}", attribute.Value);
        if (nexus is not null) EnsureNexus(port, nexus);
        undo.Keep();
    }

    /// <summary>Lets the port serve; nothing where the fabric has no such switch.</summary>
    public void Enable(string port)
    {
        if (row.HasEnable) EnsureValue($"{row.Group(port)}/enable", "1");
    }

    /// <summary>Ends the sessions of a port and lets nobody in any more; nothing where the fabric has no such switch, or the port is not there.</summary>
    public void Disable(string port)
    {
        if (row.HasEnable && tree.Exists($"{row.Group(port)}/enable")) EnsureValue($"{row.Group(port)}/enable", "0");
    }

    /// <summary>
    /// True when the kernel holds the group for somebody (target_depend_item). It looks at that before anything else, so that asking harms nothing: a group
    /// with something in it is not removed.
    /// </summary>
    public bool IsHeld(string port)
    {
        try
        {
            tree.RemoveDirectory(row.Group(port));
            return false;
        }
        catch (ConfigfsException refused)
        {
            return refused.Error == Errno.Busy;
        }
    }

    /// <summary>Makes an initiator's ACL unless it is there.</summary>
    public void EnsureAcl(string port, string initiator)
    {
        string path = Acl(port, initiator);
        if (!tree.Exists(path)) tree.MakeDirectory(path);
    }

    /// <summary>The first number that no LUN of the group has.</summary>
    public int FindFreeLun(string port)
    {
        HashSet<string> taken = [.. tree.List($"{row.Group(port)}/lun")];
        int number = 0;
        while (taken.Contains(Lun(number))) number++;
        return number;
    }

    /// <summary>Links a backend whose commands are answered by now to a LUN of the group, and maps it for its initiator; or does nothing of it.</summary>
    public void Add(string port, PortExport export)
    {
        using UndoList undo = new(report);
        string lun = LunPath(port, export.LunNumber);
        tree.MakeDirectory(lun);
        undo.Add(() => tree.RemoveDirectory(lun));
        tree.Link($"{lun}/{export.LinkName}", export.Backend);
        undo.Add(() => tree.Unlink($"{lun}/{export.LinkName}"));
        if (export.Initiator is { } initiator)
        {
            string mapped = $"{Acl(port, initiator)}/{Lun(export.MappedLun)}";
            tree.MakeDirectory(mapped);
            undo.Add(() => tree.RemoveDirectory(mapped));
            tree.Link($"{mapped}/{export.LinkName}", lun);
        }

        undo.Keep();
    }

    /// <summary>Takes an export away as far as it is there: the mapped LUN first, for a LUN that is mapped stays (EBUSY).</summary>
    public void Remove(string port, PortExport export)
    {
        if (export.Initiator is { } initiator) RemoveWithLinks($"{Acl(port, initiator)}/{Lun(export.MappedLun)}");
        RemoveWithLinks(LunPath(port, export.LunNumber));
    }

    /// <summary>Removes an ACL with what it maps; the kernel ends the initiator's sessions (core_tpg_del_initiator_node_acl).</summary>
    public void RemoveAcl(string port, string initiator)
    {
        string path = Acl(port, initiator);
        if (!tree.Exists(path)) return;
        foreach (string mapped in Luns(path)) RemoveWithLinks($"{path}/{mapped}");
        tree.RemoveDirectory(path);
    }

    /// <summary>
    /// Lets nobody in any more and removes a port with everything in it, as far as it is there. What somebody else has put there stays, and the port with it.
    /// </summary>
    /// <param name="port">The port.</param>
    /// <param name="isOurs">Tells backends of ours from others.</param>
    public void RemovePort(string port, Func<string, bool> isOurs)
    {
        string group = row.Group(port);
        if (tree.Exists(group))
        {
            Disable(port);
            foreach (string initiator in tree.List($"{group}/acls")) RemoveAcl(port, initiator);
            foreach (string lun in Luns($"{group}/lun").Select(name => $"{group}/lun/{name}"))
            {
                if (Links(lun).All(link => isOurs(tree.ReadLink($"{lun}/{link}")))) RemoveWithLinks(lun);
            }

            tree.RemoveDirectory(group);
        }

        if (Exists(port)) tree.RemoveDirectory($"{row.Directory}/{port}");
    }

    /// <summary>Everything that is linked in a port's group. LUNs and mapped LUNs without a link are not among it.</summary>
    public IReadOnlyList<PortExport> ReadExports(string port)
    {
        string group = row.Group(port);
        Dictionary<string, (string Initiator, int Lun)> mapped = [];
        foreach (string initiator in tree.List($"{group}/acls"))
        {
            foreach (string lun in Luns($"{group}/acls/{initiator}"))
            {
                foreach (string link in Links($"{group}/acls/{initiator}/{lun}"))
                    mapped[tree.ReadLink($"{group}/acls/{initiator}/{lun}/{link}")] = (initiator, Number(lun));
            }
        }

        List<PortExport> exports = [];
        foreach (string lun in Luns($"{group}/lun"))
        {
            string path = $"{group}/lun/{lun}";
            foreach (string link in Links(path))
            {
                bool isMapped = mapped.TryGetValue(path, out (string Initiator, int Lun) to);
                exports.Add(new PortExport(tree.ReadLink($"{path}/{link}"), Number(lun), isMapped ? to.Initiator : null, isMapped ? to.Lun : Number(lun)));
            }
        }

        return exports;
    }

    /// <summary>Ports that are there, whoever made them.</summary>
    public IReadOnlyList<string> ReadPorts() => [.. tree.List(row.Directory).Where(name => name != "discovery_auth")];

    /// <summary>Initiators that have an ACL.</summary>
    public IReadOnlyList<string> ReadAcls(string port) => tree.List($"{row.Group(port)}/acls");

    /// <summary>Takes away LUNs and mapped LUNs that link to nothing: half-made by somebody who is gone.</summary>
    public void RemoveUnlinked(string port)
    {
        string group = row.Group(port);
        IEnumerable<string> mapped = tree.List($"{group}/acls").Select(initiator => $"{group}/acls/{initiator}")
            .SelectMany(acl => Luns(acl).Select(lun => $"{acl}/{lun}"));
        foreach (string path in (IEnumerable<string>)[.. mapped, .. Luns($"{group}/lun").Select(lun => $"{group}/lun/{lun}")])
        {
            if (Links(path).Count == 0) tree.RemoveDirectory(path);
        }
    }

    /// <summary>
    /// The kernel's counters of an export (target_stat_auth_* of the mapped LUN, target_stat_tgt_port_* of the LUN); null where it does not tell.
    /// </summary>
    public ExportCounters? ReadCounters(string port, PortExport export)
    {
        (string path, string commands) = export.Initiator is { } initiator
            ? ($"{Acl(port, initiator)}/{Lun(export.MappedLun)}/statistics/scsi_auth_intr", "num_cmds")
            : ($"{LunPath(port, export.LunNumber)}/statistics/scsi_tgt_port", "in_cmds");
        try
        {
            return new ExportCounters(Count($"{path}/{commands}"), Count($"{path}/read_mbytes"), Count($"{path}/write_mbytes"));
        }
        catch (ConfigfsException)
        {
            return null; // gone meanwhile
        }
    }

    private static string Lun(int number) => LunPrefix + number.ToString(CultureInfo.InvariantCulture);

    private static int Number(string lun) =>
        int.TryParse(lun.AsSpan(LunPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1;

    private string Acl(string port, string initiator) => $"{row.Group(port)}/acls/{initiator}";

    private string LunPath(string port, int number) => $"{row.Group(port)}/lun/{Lun(number)}";

    private IReadOnlyList<string> Luns(string path) => [.. tree.List(path).Where(name => name.StartsWith(LunPrefix, StringComparison.Ordinal))];

    /// <summary>The links in a LUN or mapped LUN: everything but the group of its statistics.</summary>
    private IReadOnlyList<string> Links(string path) => [.. tree.List(path).Where(name => name != "statistics")];

    private long Count(string path) => long.TryParse(tree.Read(path), NumberStyles.None, CultureInfo.InvariantCulture, out long count) ? count : 0;

    private void EnsureDirectory(string path, UndoList undo)
    {
        if (tree.Exists(path)) return;
        tree.MakeDirectory(path);
        undo.Add(() => tree.RemoveDirectory(path));
    }

    private void EnsureValue(string path, string value)
    {
        if (tree.Read(path) != value) tree.Write(path, value);
    }

    /// <summary>A nexus that is there cannot be replaced while LUNs are linked (tcm_loop_drop_nexus): one of another name is told of as busy.</summary>
    private void EnsureNexus(string port, string initiator)
    {
        string path = $"{row.Group(port)}/nexus";
        string? present = null;
        try
        {
            present = tree.Read(path);
        }
        catch (ConfigfsException none) when (none.Error == Errno.NoDevice)
        {
            // There is none yet.
        }

        if (present == initiator) return;
        if (present is not null) tree.Write(path, "NULL");
        tree.Write(path, initiator);
    }

    private void RemoveWithLinks(string path)
    {
        if (!tree.Exists(path)) return;
        foreach (string link in Links(path)) tree.Unlink($"{path}/{link}");
        tree.RemoveDirectory(path);
    }
}
