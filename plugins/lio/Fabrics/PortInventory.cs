using System.Globalization;

namespace TgtModular.Lio.Fabrics;

/// <summary>A port of this machine that could serve targets.</summary>
/// <param name="Name">Its name in the kernel's form.</param>
/// <param name="Device">What the kernel calls it, for messages.</param>
public sealed record LocalPort(string Name, string Device)
{
    /// <summary>Why it serves no target now; null when it can.</summary>
    public string? Hindrance { get; init; }

    /// <summary>Link state, for people; null when unknown.</summary>
    public string? State { get; init; }
}

/// <summary>Finds the ports of a fabric on this machine.</summary>
/// <param name="sysfs">Where to look.</param>
public sealed class PortInventory(Sysfs sysfs)
{
    private const string FcHosts = "class/fc_host";
    private const string Infiniband = "class/infiniband";
    private const string VioDriver = "bus/vio/drivers/ibmvscsis";

    /// <summary>The ports.</summary>
    public IReadOnlyList<LocalPort> Find(PortSource source) => source switch
    {
        PortSource.QLogic => [.. FindFibreChannel(host => sysfs.Read($"class/scsi_host/{host}/proc_name") == "qla2xxx" || IsQLogic(host)).Select(WithMode)],
        PortSource.FibreChannel => [.. FindFibreChannel(_ => true)],
        PortSource.Rdma => [.. FindRdma()],
        PortSource.Vio => [.. FindVio()],
        _ => [],
    };

    /// <summary>Why a port cannot serve a target, and what to do; null when it can, or the kernel is to be asked.</summary>
    /// <param name="row">The fabric.</param>
    /// <param name="port">The port's name in the kernel's form; of a virtual port, with its physical one.</param>
    public string? FindHindrance(FabricRow row, string port)
    {
        if (row.Source is PortSource.Made or PortSource.FibreChannel) return null; // tcm_fc takes the name now and the port when it comes
        string physical = port.Split('@')[0];
        IReadOnlyList<LocalPort> ports = Find(row.Source);
        if (ports.Count == 0) return NothingHere(row.Source);
        if (ports.FirstOrDefault(local => local.Name == physical) is { } found) return found.Hindrance;
        return $"port {physical} is not of this host; its ports are {string.Join(", ", ports.Select(local => $"{local.Name} ({local.Device})"))}";
    }

    private static string NothingHere(PortSource source) => source switch
    {
        PortSource.QLogic => "no QLogic Fibre Channel adapter is here: /sys/class/fc_host has no port of the driver qla2xxx",
        PortSource.Rdma => "no RDMA device is here: /sys/class/infiniband is empty",
        _ => "no virtual SCSI server adapter is here: the driver ibmvscsis has no device in /sys/bus/vio",
    };

    private bool IsQLogic(string host) => sysfs.Exists($"class/scsi_host/{host}/qlini_mode") || sysfs.Exists($"class/scsi_host/{host}/model_name");

    private IEnumerable<LocalPort> FindFibreChannel(Func<string, bool> wanted)
    {
        foreach (string host in sysfs.List(FcHosts).Where(wanted))
        {
            if (WwnForm.FibreChannel.Normalize(sysfs.Read($"{FcHosts}/{host}/port_name") ?? "") is not { } name) continue;
            yield return new LocalPort(name, host) { State = sysfs.Read($"{FcHosts}/{host}/port_state") };
        }
    }

    /// <summary>
    /// A port takes targets unless its mode is <c>enabled</c>, the module's own default (qlt_lport_register). Newer drivers tell the mode of each port,
    /// older ones that of the module.
    /// </summary>
    private LocalPort WithMode(LocalPort port)
    {
        string own = $"class/scsi_host/{port.Device}/qlini_mode";
        string? mode = sysfs.Read(own) ?? sysfs.Read("module/qla2xxx/parameters/qlini_mode");
        if (mode is null || !mode.StartsWith("enabled", StringComparison.OrdinalIgnoreCase)) return port;
        string remedy = sysfs.Exists(own) ? $" (echo disabled >/sys/{own} changes it until then)" : "";
        return port with
        {
            Hindrance = $"port {port.Name} ({port.Device}) is in initiator mode: put 'options qla2xxx qlini_mode=disabled' (or dual) into " +
                $"/etc/modprobe.d/qla2xxx.conf and load the module anew{remedy}",
        };
    }

    private IEnumerable<LocalPort> FindRdma()
    {
        foreach (string device in sysfs.List(Infiniband))
        {
            foreach (string number in sysfs.List($"{Infiniband}/{device}/ports"))
            {
                if (WwnForm.Srp.Normalize(sysfs.Read($"{Infiniband}/{device}/ports/{number}/gids/0") ?? "") is not { } name) continue;
                yield return new LocalPort(name, $"{device} port {number}") { State = sysfs.Read($"{Infiniband}/{device}/ports/{number}/state") };
            }
        }
    }

    private IEnumerable<LocalPort> FindVio() =>
        from entry in sysfs.List(VioDriver)
        where uint.TryParse(entry, NumberStyles.AllowHexSpecifier, null, out _)
        select new LocalPort(entry, "vio");
}
