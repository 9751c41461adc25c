namespace TgtModular.Lio.Fabrics;

/// <summary>The fabrics of LIO that our transports serve.</summary>
public static class FabricTable
{
    private const string Backend = "target_core_user";

    /// <summary>tcm_loop: units as devices of this machine. An initiator is made with the port (tcm_loop_tpg_nexus_store).</summary>
    public static FabricFamily Loopback { get; } = new("loopback", 7401,
    [
        new FabricRow("loopback", WwnForm.Sas, WwnForm.Sas, NexusRule.Written, PortSource.Made) { Modules = [Backend, "tcm_loop"] },
    ]);

    /// <summary>vhost-scsi: units as devices of virtual machines. The nexus is as that of tcm_loop; a machine binds to the port by its name.</summary>
    public static FabricFamily Vhost { get; } = new("vhost-scsi", 7402,
    [
        new FabricRow("vhost", WwnForm.Sas, WwnForm.Sas, NexusRule.Written, PortSource.Made) { Modules = [Backend, "vhost_scsi"], IsHeldByUser = true },
    ]);

    /// <summary>tcm_fc: ports of libfc, the kernel's FCoE among them. No mode lets unnamed initiators in (ft_check_false).</summary>
    public static FabricFamily Fc { get; } = new("tcm-fc", 7403,
    [
        new FabricRow("fc", WwnForm.FibreChannel, WwnForm.FibreChannel, NexusRule.Acls, PortSource.FibreChannel) { Modules = [Backend, "tcm_fc"] },
    ]);

    /// <summary>
    /// ib_srpt: SRP over RDMA. No mode lets unnamed initiators in (srpt_check_false). InfiniBand's own connection manager is served without being asked; the other
    /// one, which Ethernet needs, at a port number that must be written (srpt_rdma_cm_port_store).
    /// </summary>
    public static FabricFamily Srpt { get; } = new("srpt", 7404,
    [
        new FabricRow("srpt", WwnForm.Srp, WwnForm.Srp, NexusRule.Acls, PortSource.Rdma)
        {
            Modules = [Backend, "ib_srpt"],
            HasEnable = true,
            RdmaPortAttribute = "discovery_auth/rdma_cm_port",
        },
    ]);

    /// <summary>
    /// tcm_qla2xxx: QLogic Fibre Channel, physical ports and virtual ones. A port group comes up with demo mode on, read-only (tcm_qla2xxx_make_tpg):
    /// it is switched off, or made writable. Groups of virtual ports have no such attributes (tcm_qla2xxx_npiv_ops): who is not named logs in there and
    /// sees nothing.
    /// </summary>
    public static FabricFamily QLogic { get; } = new("qla2xxx", 7410,
    [
        new FabricRow("qla2xxx", WwnForm.FibreChannel, WwnForm.FibreChannel, NexusRule.Acls, PortSource.QLogic)
        {
            Modules = [Backend, "qla2xxx", "tcm_qla2xxx"],
            HasEnable = true,
            AclAttributes =
            [
                new("generate_node_acls", "0"), new("cache_dynamic_acls", "0"), new("demo_mode_write_protect", "1"), new("demo_mode_login_only", "1"),
            ],
            DemoAttributes =
            [
                new("generate_node_acls", "1"), new("cache_dynamic_acls", "1"), new("demo_mode_write_protect", "0"), new("demo_mode_login_only", "0"),
            ],
        },
        new FabricRow("qla2xxx_npiv", WwnForm.VirtualFibreChannel, WwnForm.FibreChannel, NexusRule.Acls, PortSource.QLogic)
        {
            Modules = [Backend, "qla2xxx", "tcm_qla2xxx"],
            HasEnable = true,
            Base = "qla2xxx",
        },
    ]);

    /// <summary>ibmvscsis: virtual SCSI adapters of IBM POWER, each with one client partition (ibmvscsis_make_nexus).</summary>
    public static FabricFamily IbmVio { get; } = new("ibmvio", 7420,
    [
        new FabricRow("ibmvscsis", WwnForm.VioUnit, WwnForm.VioUnit, NexusRule.Client, PortSource.Vio)
        {
            Modules = [Backend, "ibmvscsis"],
            HasEnable = true,
        },
    ]);

    /// <summary>All of them.</summary>
    public static IReadOnlyList<FabricFamily> All { get; } = [Loopback, Vhost, Fc, Srpt, QLogic, IbmVio];
}
