using TgtModular.IbmVio;
using TgtModular.LioFabrics;
using TgtModular.Qla2xxx;
using TgtModular.TestKit;
using TgtModular.Transports;

namespace TgtModular.Lio.Tests.Transport;

/// <summary>The plugins' manuals say what their options are.</summary>
[TestClass]
public sealed class ManualTests
{
    private const string TargetPart = "## Options of a target";

    private static readonly Dictionary<string, ITransportFactory> Factories = new()
    {
        ["loopback"] = new LoopbackFactory(),
        ["vhost-scsi"] = new VhostFactory(),
        ["tcm-fc"] = new FcFactory(),
        ["srpt"] = new SrptFactory(),
        ["qla2xxx"] = new QlaFactory(),
        ["ibmvio"] = new IbmVioFactory(),
    };

    [TestMethod]
    [DataRow("lio-fabrics", "loopback", 1)]
    [DataRow("lio-fabrics", "vhost-scsi", 1)]
    [DataRow("lio-fabrics", "tcm-fc", 2)]
    [DataRow("lio-fabrics", "srpt", 2)]
    [DataRow("qla2xxx", "qla2xxx", 1)]
    [DataRow("ibmvio", "ibmvio", 1)]
    public async Task Manual_AgreesWithOptions(string plugin, string transport, int targetPart)
    {
        string manual = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Manuals", plugin + ".md"));
        string[] parts = manual.Split(TargetPart);
        ITransportFactory factory = Factories[transport];

        Assert.AreEqual("", string.Join('\n', ManualCheck.Compare(parts[0], factory.Options)));
        Assert.AreEqual("", string.Join('\n', ManualCheck.Compare(parts[targetPart], factory.TargetOptions)));
    }
}
