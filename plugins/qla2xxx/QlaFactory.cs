using TgtModular.Lio.Fabrics;
using TgtModular.Lio.Transport;
using TgtModular.Plugins;

namespace TgtModular.Qla2xxx;

/// <summary>Units through QLogic Fibre Channel adapters (tcm_qla2xxx). See README.md.</summary>
[ExportTransport("qla2xxx")]
public sealed class QlaFactory() : LioTransportFactory(FabricTable.QLogic);
