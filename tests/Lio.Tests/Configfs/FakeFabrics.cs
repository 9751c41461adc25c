using System.Globalization;
using System.Text.RegularExpressions;
using TgtModular.Lio.Configfs;

namespace TgtModular.Lio.Tests.Configfs;

/// <summary>A port group, as its module keeps it.</summary>
internal sealed class FakeGroup
{
    public string? Nexus { get; set; }

    public bool IsEnabled { get; set; }

    public int LinkedLuns { get; set; }
}

/// <summary>The fabrics: target_core_fabric_configfs.c, and of each module what it makes of names and attributes.</summary>
internal sealed partial class FakeFabrics(FakeConfigfs tree)
{
    private const int LongestEmulatedName = 256; // TL_WWN_ADDR_LEN, VHOST_SCSI_NAMELEN

    /// <summary>target_core_register_fabric: EINVAL when no module has registered the name.</summary>
    public void MakeFabric(FakeNode fabric)
    {
        if (!tree.Fabrics.Contains(fabric.Name)) throw new Refusal(Errno.Invalid);
        FakeNode discovery = fabric.AddDefault("discovery_auth");
        if (fabric.Name == "srpt") discovery.Attributes["rdma_cm_port"] = RdmaPort();
        fabric.Attributes["version"] = new FakeAttribute { Value = "fake" };
        fabric.Make = port => MakePort(fabric.Name, port);
    }

    /// <summary>srpt_rdma_cm_port_store: binds before it keeps the number.</summary>
    private FakeAttribute RdmaPort() => FakeAttribute.Plain("0", text =>
    {
        Require(ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number));
        if (tree.Hardware.UsedRdmaPorts.Contains(number)) throw new Refusal(Errno.AddressInUse);
    });

    /// <summary>target_fabric_make_wwn: whatever the module says, the caller gets EINVAL.</summary>
    private void MakePort(string fabric, FakeNode port)
    {
        Require(TakesPort(fabric, port.Name));
        port.State = port.Name;
        port.Drop = () => DropPort(fabric, port.Name);
        foreach (string group in (string[])["fabric_statistics", "param"]) _ = port.AddDefault(group);
        port.Make = group => MakeGroup(fabric, port, group);
    }

    private bool TakesPort(string fabric, string name)
    {
        switch (fabric)
        {
            case "loopback" or "vhost": // tcm_loop_make_scsi_hba, vhost_scsi_make_tport
                return name.Length < LongestEmulatedName && (name.Contains("naa.") || name.Contains("fc.") || name.Contains("iqn."));
            case "fc": // ft_add_wwn: strict form; a second of the same name cannot come here
                return StrictName().IsMatch(name);
            case "srpt": // srpt_make_tport: the port must be there
                return tree.Hardware.Rdma.Contains(name);
            case "ibmvscsis": // ibmvscsis_make_tport: the adapter must be there
                return tree.Hardware.Vio.Contains(name);
            case "qla2xxx": // tcm_qla2xxx_make_lport, qlt_lport_register
                if (!StrictName().IsMatch(name) || !tree.Hardware.QLogic.TryGetValue(name, out FakeQLogicPort? port)) return false;
                if (port.IsInitiatorOnly || port.IsTaken) return false;
                port.IsTaken = true;
                return true;
            case "qla2xxx_npiv": // tcm_qla2xxx_npiv_make_lport, tcm_qla2xxx_lport_register_npiv_cb: the physical port must be enabled
                return VirtualName().IsMatch(name) && tree.Hardware.QLogic.TryGetValue(name.Split('@')[0], out FakeQLogicPort? physical) &&
                    !physical.IsInitiatorOnly && physical.IsEnabled;
            default:
                return false;
        }
    }

    private void DropPort(string fabric, string name)
    {
        if (fabric == "qla2xxx") tree.Hardware.QLogic[name].IsTaken = false; // qlt_lport_deregister
    }

    /// <summary>target_fabric_make_tpg.</summary>
    private void MakeGroup(string fabric, FakeNode port, FakeNode node)
    {
        Require(node.Name.StartsWith("tpgt_", StringComparison.Ordinal));
        Require(ushort.TryParse(node.Name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out ushort tag));
        Require(fabric is not ("fc" or "qla2xxx") || tag == 1); // ft_add_tpg, tcm_qla2xxx_make_tpg
        Require(fabric != "loopback" || tag < 16); // TL_TPGS_PER_HBA
        Require(fabric != "vhost" || tag < 256); // VHOST_SCSI_MAX_TARGET
        FakeGroup group = new();
        node.State = group;
        _ = node.AddDefault("lun", lun => MakeLun(fabric, group, lun));
        _ = node.AddDefault("acls", acl => MakeAcl(fabric, node, acl));
        foreach (string name in (string[])["np", "auth", "param"]) _ = node.AddDefault(name);
        AddAttributes(fabric, node.AddDefault("attrib"));
        if (fabric is "loopback" or "vhost") node.Attributes["nexus"] = Nexus(group);
        if (fabric is "srpt" or "qla2xxx" or "qla2xxx_npiv" or "ibmvscsis") node.Attributes["enable"] = Enable(fabric, port.Name, group);
        node.Drop = () => SetEnabled(fabric, port.Name, group, false);
    }

    /// <summary>tcm_qla2xxx_tpg_attrib_attrs with the values of tcm_qla2xxx_make_tpg; groups of virtual ports have none.</summary>
    private static void AddAttributes(string fabric, FakeNode attributes)
    {
        if (fabric != "qla2xxx") return;
        foreach (string name in (string[])["generate_node_acls", "cache_dynamic_acls", "demo_mode_write_protect", "demo_mode_login_only"])
            attributes.Attributes[name] = FakeAttribute.Plain("1", text => Require(text is "0" or "1"));
        attributes.Attributes["prod_mode_write_protect"] = FakeAttribute.Plain("0", text => Require(text is "0" or "1"));
    }

    /// <summary>tcm_loop_tpg_nexus_show and _store, those of vhost alike.</summary>
    private static FakeAttribute Nexus(FakeGroup group) => new()
    {
        Show = () => group.Nexus ?? throw new Refusal(Errno.NoDevice),
        Store = text =>
        {
            if (text.StartsWith("NULL", StringComparison.Ordinal))
            {
                if (group.Nexus is null) throw new Refusal(Errno.NoDevice);
                if (group.LinkedLuns > 0) throw new Refusal(Errno.NotPermitted); // tcm_loop_drop_nexus; vhost says EBUSY
                group.Nexus = null;
                return;
            }

            if (group.Nexus is not null) throw new Refusal(Errno.Exists);
            Require(text.Contains("naa.")); // the form must be that of the port's own name
            group.Nexus = text;
        },
    };

    /// <summary>target_fabric_tpg_base_enable_store.</summary>
    private FakeAttribute Enable(string fabric, string port, FakeGroup group) => new()
    {
        Show = () => group.IsEnabled ? "1" : "0",
        Store = text =>
        {
            Require(text is "0" or "1");
            SetEnabled(fabric, port, group, text == "1");
        },
    };

    private void SetEnabled(string fabric, string port, FakeGroup group, bool enabled)
    {
        group.IsEnabled = enabled;
        if (fabric == "qla2xxx") tree.Hardware.QLogic[port].IsEnabled = enabled;
    }

    /// <summary>target_fabric_make_lun.</summary>
    private void MakeLun(string fabric, FakeGroup group, FakeNode node)
    {
        Require(LunName().IsMatch(node.Name));
        FakeNode counters = node.AddDefault("statistics").AddDefault("scsi_tgt_port");
        foreach (string name in (string[])["in_cmds", "read_mbytes", "write_mbytes"]) counters.Attributes[name] = new FakeAttribute { Value = "0" };
        node.AllowLink = target => LinkLun(fabric, group, node, target);
        node.DropLink = target => UnlinkLun(fabric, group, (FakeBackend)target.State!);
    }

    /// <summary>target_fabric_port_link.</summary>
    private void LinkLun(string fabric, FakeGroup group, FakeNode lun, FakeNode target)
    {
        if (target.State is not FakeBackend backend) throw new Refusal((Errno)14); // EFAULT
        if (!backend.IsConfigured) throw new Refusal(Errno.NoDevice);
        if (lun.Links.Count > 0) throw new Refusal(Errno.Exists);
        // tcm_loop_port_link adds the SCSI device now: with nobody to answer, the call would hang until its commands time out.
        if (!tree.Served.Contains(backend.UioName)) throw new AssertFailedException($"{target.Path} is linked and nobody answers its commands");
        if (fabric is "loopback" or "vhost" && group.Nexus is null) throw new AssertFailedException("a LUN is linked before there is a nexus: its device would not be found");
        backend.Exports++;
        group.LinkedLuns++;
    }

    private static void UnlinkLun(string fabric, FakeGroup group, FakeBackend backend)
    {
        _ = fabric;
        backend.Exports--;
        group.LinkedLuns--;
    }

    /// <summary>target_fabric_make_nodeacl with the module's fabric_init_nodeacl.</summary>
    private static void MakeAcl(string fabric, FakeNode group, FakeNode node)
    {
        Require(fabric switch
        {
            "fc" or "qla2xxx" or "qla2xxx_npiv" => StrictName().IsMatch(node.Name), // ft_init_nodeacl, tcm_qla2xxx_init_nodeacl
            "srpt" => PortIdentifier().IsMatch(node.Name), // srpt_init_nodeacl
            _ => true,
        });
        foreach (string name in (string[])["attrib", "auth", "param", "fabric_statistics"]) _ = node.AddDefault(name);
        node.Make = mapped => MakeMappedLun(group, mapped);
    }

    /// <summary>target_fabric_make_mappedlun.</summary>
    private static void MakeMappedLun(FakeNode group, FakeNode node)
    {
        Require(LunName().IsMatch(node.Name));
        FakeNode counters = node.AddDefault("statistics").AddDefault("scsi_auth_intr");
        foreach (string name in (string[])["num_cmds", "read_mbytes", "write_mbytes"])
        {
            // target_stat_auth_*_show: ENODEV before a LUN is linked
            counters.Attributes[name] = new FakeAttribute { Show = () => node.Links.Count > 0 ? "7" : throw new Refusal(Errno.NoDevice) };
        }

        node.AllowLink = target => LinkMappedLun(group, node, target);
    }

    /// <summary>target_fabric_mappedlun_link and core_enable_device_list_for_node.</summary>
    private static void LinkMappedLun(FakeNode group, FakeNode node, FakeNode lun)
    {
        if (lun.Parent?.Name != "lun") throw new Refusal((Errno)14); // EFAULT
        Require(lun.Links.Count > 0); // the LUN has no device yet
        Require(lun.Parent.Parent == group); // a LUN of another port group
        Require(node.Links.Count == 0);
    }

    private static void Require(bool valid)
    {
        if (!valid) throw new Refusal(Errno.Invalid);
    }

    /// <summary>ft_parse_wwn and tcm_qla2xxx_parse_wwn, strict.</summary>
    [GeneratedRegex("^[0-9a-f]{2}(:[0-9a-f]{2}){7}$")]
    private static partial Regex StrictName();

    /// <summary>tcm_qla2xxx_npiv_parse_wwn.</summary>
    [GeneratedRegex("^[0-9a-f]{2}(:[0-9a-f]{2}){7}@[0-9a-fA-F]{16}:[0-9a-fA-F]{16}$")]
    private static partial Regex VirtualName();

    /// <summary>srpt_parse_i_port_id.</summary>
    [GeneratedRegex("^(0x)?([0-9a-fA-F]{2}){1,16}$")]
    private static partial Regex PortIdentifier();

    [GeneratedRegex("^lun_[0-9]+$")]
    private static partial Regex LunName();
}
