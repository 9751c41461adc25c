using TgtModular.IbmVio;
using TgtModular.Lio.Transport;
using TgtModular.LioFabrics;
using TgtModular.Plugins;
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

        string[] own = parts[0].Split($"## More options of the transport {transport}");
        OptionSchema more = new([.. factory.Options.Definitions.Where(option => LioOptions.Schema.Find(option.Name) is null)]);

        Assert.AreEqual("", string.Join('\n', ManualCheck.Compare(own[0], LioOptions.Schema)));
        Assert.AreEqual("", string.Join('\n', ManualCheck.Compare(own.ElementAtOrDefault(1) ?? "", more)));
        Assert.AreEqual("", string.Join('\n', ManualCheck.Compare(parts[targetPart], factory.TargetOptions)));
    }
}
