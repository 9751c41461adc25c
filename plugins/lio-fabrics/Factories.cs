using TgtModular.Lio.Fabrics;
using TgtModular.Lio.Transport;
using TgtModular.Plugins;

namespace TgtModular.LioFabrics;

/// <summary>Units as devices of this machine (tcm_loop). See README.md.</summary>
[ExportTransport("loopback")]
public sealed class LoopbackFactory() : LioTransportFactory(FabricTable.Loopback);

/// <summary>Units as devices of virtual machines (vhost-scsi). See README.md.</summary>
[ExportTransport("vhost-scsi")]
public sealed class VhostFactory() : LioTransportFactory(FabricTable.Vhost);

/// <summary>Units over ports of libfc, the kernel's FCoE among them (tcm_fc). See README.md.</summary>
[ExportTransport("tcm-fc")]
public sealed class FcFactory() : LioTransportFactory(FabricTable.Fc);

/// <summary>Units over RDMA by the SCSI RDMA Protocol (ib_srpt). See README.md.</summary>
[ExportTransport("srpt")]
public sealed class SrptFactory() : LioTransportFactory(FabricTable.Srpt);
