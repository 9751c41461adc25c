using System.Net;
using System.Text;
using TgtModular.Iscsi.Protocol.Naming;

namespace TgtModular.Iscsi.Protocol.Tests.Naming;

[TestClass]
public sealed class NamingTests
{
    [TestMethod]
    [DataRow("iqn.2026-11.org.example:db", "iqn.2026-11.org.example:db")]
    [DataRow("IQN.2026-11.Org.Example:DB", "iqn.2026-11.org.example:db")]
    [DataRow("eui.02004567A425678D", "eui.02004567a425678d")]
    [DataRow("naa.52004567BA64678D", "naa.52004567ba64678d")]
    [DataRow("iqn.2026-11.org.example:my_disk", "iqn.2026-11.org.example:my_disk")]
    [DataRow("iqn.2026-11.org.example:GRÖSSE", "iqn.2026-11.org.example:grösse")]
    public void Name_FromTheWire_IsNormalised(string text, string expected)
    {
        Assert.IsTrue(IscsiName.TryNormalize(Encoding.UTF8.GetBytes(text), out string name, out IscsiNameError error), $"{error}");
        Assert.AreEqual(expected, name);
    }

    [TestMethod]
    [DataRow("", IscsiNameError.BadLength)]
    [DataRow("disk", IscsiNameError.UnknownType)]
    [DataRow("iqn2026", IscsiNameError.UnknownType)]
    [DataRow("iqn.2026-11.org.example:a b", IscsiNameError.ProhibitedCharacter)]
    [DataRow("iqn.2026-11.org.example:a,b", IscsiNameError.ProhibitedCharacter)]
    [DataRow("iqn.2026-11.org.example:a/b", IscsiNameError.ProhibitedCharacter)]
    [DataRow("iqn.2026-11.org.example:\u200b", IscsiNameError.ProhibitedCharacter)]
    public void Name_Hostile_IsRefused(string text, IscsiNameError expected)
    {
        Assert.IsFalse(IscsiName.TryNormalize(Encoding.UTF8.GetBytes(text), out _, out IscsiNameError error));
        Assert.AreEqual(expected, error);
    }

    [TestMethod]
    public void Name_MalformedUtf8_IsRefused()
    {
        Assert.IsFalse(IscsiName.TryNormalize([.. "iqn.2026-11.org.example:"u8, 0xc3], out _, out IscsiNameError error));
        Assert.AreEqual(IscsiNameError.ProhibitedCharacter, error);
    }

    [TestMethod]
    public void Name_Length_IsBoundedTo223Bytes()
    {
        string prefix = "iqn.2026-11.org.example:";
        Assert.IsTrue(IscsiName.TryNormalize(prefix.PadRight(223, 'a'), out _, out _));
        Assert.IsFalse(IscsiName.TryNormalize(prefix.PadRight(224, 'a'), out _, out _));
        Assert.IsFalse(IscsiName.TryNormalize(prefix.PadRight(220, 'ä'), out _, out IscsiNameError error), "bytes, not characters");
        Assert.AreEqual(IscsiNameError.BadLength, error);
    }

    [TestMethod]
    [DataRow("iqn.2026-11.org.example", true)]
    [DataRow("iqn.2026-11.org.example:a:b", true)]
    [DataRow("iqn.2026-13.org.example", false)]
    [DataRow("iqn.2026-00.org.example", false)]
    [DataRow("iqn.26-11.org.example", false)]
    [DataRow("iqn.2026-11.", false)]
    [DataRow("iqn.2026-11.:x", false)]
    [DataRow("iqn.2026-11.org.", false)]
    [DataRow("iqn.2026-11.org.example:my_disk", false)]
    [DataRow("iqn.2026-11.org.Example", false)]
    [DataRow("eui.02004567a425678d", true)]
    [DataRow("eui.02004567a425678", false)]
    [DataRow("eui.02004567a425678g", false)]
    [DataRow("naa.52004567ba64678d", true)]
    [DataRow("naa.62004567ba64678d0123456789abcdef", true)]
    [DataRow("naa.52004567ba64678d0", false)]
    public void Name_Form_IsCheckedByType(string name, bool expected) => Assert.AreEqual(expected, IscsiName.IsWellFormed(name, out _));

    [TestMethod]
    [DataRow("10.0.0.1", 3260, 1, "10.0.0.1:3260,1")]
    [DataRow("::1", 3261, 65535, "[::1]:3261,65535")]
    [DataRow("::ffff:10.0.0.1", 3260, -1, "10.0.0.1:3260")]
    [DataRow("fe80::1%2", 3260, 1, "[fe80::1]:3260,1")]
    public void TargetAddress_OfPortal_IsFormatted(string address, int port, int tag, string expected)
    {
        IPEndPoint portal = new(IPAddress.Parse(address), port);
        TargetAddress formatted = TargetAddress.FromPortal(portal, tag < 0 ? null : (ushort)tag);
        Assert.AreEqual(expected, formatted.ToString());
        Assert.IsTrue(TargetAddress.TryParse(expected, out TargetAddress? parsed));
        Assert.AreEqual(formatted, parsed);
    }

    [TestMethod]
    [DataRow("example.com", "example.com:3260")]
    [DataRow("example.com:5003", "example.com:5003")]
    [DataRow("10.0.0.1,7", "10.0.0.1:3260,7")]
    [DataRow("[2001:db8::1]", "[2001:db8::1]:3260")]
    public void TargetAddress_WithoutParts_TakesDefaults(string text, string expected)
    {
        Assert.IsTrue(TargetAddress.TryParse(text, out TargetAddress? address));
        Assert.AreEqual(expected, address!.ToString());
    }

    [TestMethod]
    [DataRow("")]
    [DataRow(",1")]
    [DataRow("host:")]
    [DataRow("host:0")]
    [DataRow("host:65536")]
    [DataRow("host:1:2")]
    [DataRow("host,x")]
    [DataRow("host,65536")]
    [DataRow("[::1")]
    [DataRow("[10.0.0.1]:1")]
    [DataRow("[::1]x")]
    [DataRow("a b")]
    public void TargetAddress_Malformed_IsRefused(string text) => Assert.IsFalse(TargetAddress.TryParse(text, out _));
}
