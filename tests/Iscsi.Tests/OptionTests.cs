using TgtModular.Iscsi.Configuration;
using TgtModular.Iscsi.Listening;
using TgtModular.Plugins;
using TgtModular.TestKit;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Tests;

/// <summary>Options, names and the manual.</summary>
[TestClass]
public sealed class OptionTests
{
    [TestMethod]
    public void Manual_AgreesWithBothSchemas()
    {
        string manual = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Manual.md"));
        int second = manual.IndexOf("## Options of a target", StringComparison.Ordinal);
        IscsiTransportFactory factory = new();

        string[] problems = [.. ManualCheck.Compare(manual[..second], factory.Options), .. ManualCheck.Compare(manual[second..], factory.TargetOptions)];

        Assert.IsEmpty(problems, string.Join("; ", problems));
    }

    [TestMethod]
    [DataRow("0.0.0.0:3260", "0.0.0.0:3260", 1)]
    [DataRow("10.0.0.1", "10.0.0.1:3260", 1)]
    [DataRow("10.0.0.1:0,7", "10.0.0.1:0", 7)]
    [DataRow("[::]:3261", "[::]:3261", 1)]
    [DataRow("[fd00::1],2", "[fd00::1]:3260", 2)]
    [DataRow("fd00::1", "[fd00::1]:3260", 1)]
    public void PortalAddress_WellFormed_Read(string text, string endPoint, int tag)
    {
        Assert.IsTrue(PortalAddress.TryParse(text, out PortalAddress? portal, out string problem), problem);
        Assert.AreEqual(endPoint, portal.EndPoint.ToString());
        Assert.AreEqual(tag, portal.PortalGroupTag);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("localhost:3260")]
    [DataRow("10.0.0.1:70000")]
    [DataRow("10.0.0.1:")]
    [DataRow("10.0.0.1,70000")]
    [DataRow("[fd00::1")]
    [DataRow("[fd00::1]x:3260")]
    public void PortalAddress_Malformed_Problem(string text)
    {
        Assert.IsFalse(PortalAddress.TryParse(text, out _, out string problem));
        Assert.AreNotEqual(string.Empty, problem);
    }

    [TestMethod]
    [DataRow("listen", "127.0.0.1:99999", "listen")]
    [DataRow("chap_algorithms", "rot13", "rot13")]
    public void Settings_BadValue_MessageNamesIt(string option, string value, string expected)
    {
        OptionValues options = new(TransportOptions.Schema, new Dictionary<string, object> { [option] = (IReadOnlyList<string>)[value] });

        TransportException failure = Assert.ThrowsExactly<TransportException>(() => TransportSettings.From(options));

        Assert.Contains(expected, failure.Message);
    }

    [TestMethod]
    public void Settings_PortalTwice_Refused()
    {
        OptionValues options = new(
            TransportOptions.Schema, new Dictionary<string, object> { ["listen"] = (IReadOnlyList<string>)["127.0.0.1:3260", "127.0.0.1:3260,2"] });

        Assert.Contains("twice", Assert.ThrowsExactly<TransportException>(() => TransportSettings.From(options)).Message);
    }

    [TestMethod]
    [DataRow("IQN.2026-11.org.Example:Disk", "iqn.2026-11.org.example:disk")]
    [DataRow("eui.02004567a425678d", "eui.02004567a425678d")]
    public void TargetName_WellFormed_Normalized(string name, string expected)
    {
        Assert.IsTrue(new IscsiTransportFactory().TryNormalizeTargetName(name, out string normalized, out string problem), problem);
        Assert.AreEqual(expected, normalized);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("disk")]
    [DataRow("iqn.2026-13.org.example:disk")]
    [DataRow("iqn.2026-11.org.example:a disk")]
    [DataRow("eui.123")]
    public void TargetName_Malformed_Problem(string name)
    {
        Assert.IsFalse(new IscsiTransportFactory().TryNormalizeTargetName(name, out _, out string problem));
        Assert.AreNotEqual(string.Empty, problem);
    }
}
