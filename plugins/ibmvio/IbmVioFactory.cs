using TgtModular.Lio.Fabrics;
using TgtModular.Lio.Transport;
using TgtModular.Plugins;

namespace TgtModular.IbmVio;

/// <summary>Units through virtual SCSI adapters of IBM POWER (ibmvscsis). See README.md.</summary>
[ExportTransport("ibmvio")]
public sealed class IbmVioFactory() : LioTransportFactory(FabricTable.IbmVio);
