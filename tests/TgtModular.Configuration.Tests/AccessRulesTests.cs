using System.Net;
using TgtModular.Core.Configuration;
using TgtModular.Transports;

namespace TgtModular.Configuration.Tests;

[TestClass]
public sealed class AccessRulesTests
{
    [TestMethod]
    [DataRow("10.0.0.0/8", "10.255.1.2", true)]
    [DataRow("10.0.0.0/8", "11.0.0.0", false)]
    [DataRow("10.0.0.0/8", "::ffff:10.1.2.3", true)]
    [DataRow("10.0.0.0/8", "2001:db8::1", false)]
    [DataRow("192.168.4.0/22", "192.168.7.255", true)]
    [DataRow("192.168.4.0/22", "192.168.8.0", false)]
    [DataRow("192.0.2.1", "192.0.2.1", true)]
    [DataRow("192.0.2.1", "192.0.2.2", false)]
    [DataRow("0.0.0.0/0", "203.0.113.9", true)]
    [DataRow("0.0.0.0/0", "::1", false)]
    [DataRow("2001:db8::/33", "2001:db8:7fff::1", true)]
    [DataRow("2001:db8::/33", "2001:db8:8000::1", false)]
    [DataRow("::ffff:10.0.0.1", "10.0.0.1", true)]
    [DataRow("all", "10.0.0.1", true)]
    [DataRow("ALL", "::1", true)]
    public void Address_AgainstPattern_Matches(string pattern, string address, bool expected)
    {
        Assert.IsTrue(AddressPattern.TryParse(pattern, out AddressPattern? parsed, out string? problem), problem);
        Assert.AreEqual(expected, parsed.Matches(IPAddress.Parse(address)));
    }

    [TestMethod]
    [DataRow("10")]
    [DataRow("0x7f.1")]
    [DataRow("10.0.0.0/")]
    [DataRow("10.0.0.0/-1")]
    [DataRow("10.0.0.0/33")]
    [DataRow("2001:db8::/129")]
    [DataRow("fe80::1%eth0")]
    [DataRow("[::1]")]
    [DataRow("10.0.0.0/255.0.0.0")]
    [DataRow("example.org")]
    [DataRow("")]
    public void Address_IsNoPattern_IsRefused(string pattern) => Assert.IsFalse(AddressPattern.TryParse(pattern, out _, out _));

    [TestMethod]
    [DataRow("iqn.1993-08.org.debian:*", "iqn.1993-08.org.debian:01:ab", true)]
    [DataRow("iqn.1993-08.org.debian:*", "iqn.1993-08.org.debian", false)]
    [DataRow("IQN.X", "iqn.x", true)]
    [DataRow("iqn.x", "iqn.xy", false)]
    [DataRow("iqn.?", "iqn.x", true)]
    [DataRow("iqn.?", "iqn.", false)]
    [DataRow("*", "", true)]
    [DataRow("*a*b", "xxaxxbxxb", true)]
    [DataRow("*a*b", "xxaxxbxxc", false)]
    [DataRow("a**b", "ab", true)]
    public void Name_AgainstPattern_Matches(string pattern, string name, bool expected) => Assert.AreEqual(expected, new NamePattern(pattern).Matches(name));

    [TestMethod]
    [Timeout(5000, CooperativeCancellation = true)]
    public void Name_HostilePattern_DoesNotBacktrackForever() =>
        Assert.IsFalse(new NamePattern(string.Concat(Enumerable.Repeat("*a", 100)) + "b").Matches(new string('a', 2000)));

    [TestMethod]
    [DataRow("10.0.0.0/8", "iqn.a*", "10.0.0.1", "iqn.abc", true)]
    [DataRow("10.0.0.0/8", "iqn.a*", "10.0.0.1", "iqn.b", false)]
    [DataRow("10.0.0.0/8", "iqn.a*", "11.0.0.1", "iqn.abc", false)]
    [DataRow("10.0.0.0/8", null, "10.0.0.1", "anything", true)]
    [DataRow(null, "iqn.a*", "11.0.0.1", "iqn.abc", true)]
    [DataRow(null, "iqn.a*", null, "iqn.abc", true)]
    [DataRow("10.0.0.0/8", null, null, "iqn.abc", false)]
    [DataRow("all", null, null, "iqn.abc", true)]
    [DataRow(null, null, "10.0.0.1", "iqn.abc", false)]
    public void Rule_BothGiven_BothMustMatch(string? pattern, string? names, string? address, string name, bool expected)
    {
        ValueList<AddressPattern> addresses = [];
        if (pattern is not null && AddressPattern.TryParse(pattern, out AddressPattern? parsed, out _)) addresses = [parsed];
        var rules = new AccessRules([new AccessRule(addresses, names is null ? [] : [new NamePattern(names)])]);
        Assert.AreEqual(expected, rules.Admits(new InitiatorIdentity(name, address is null ? null : IPAddress.Parse(address))));
    }

    [TestMethod]
    public void Rules_Several_AnyMayMatch()
    {
        var rules = new AccessRules([new AccessRule([], [new NamePattern("a")]), new AccessRule([], [new NamePattern("b")])]);
        Assert.IsTrue(rules.Admits(new InitiatorIdentity("b")));
        Assert.IsFalse(rules.Admits(new InitiatorIdentity("c")));
    }

    [TestMethod]
    public void Rules_None_AdmitNobody() => Assert.IsFalse(AccessRules.Nobody.Admits(new InitiatorIdentity("iqn.x", IPAddress.Loopback)));

    [TestMethod]
    public void Lun_WithInitiators_AppliesToThem()
    {
        var lun = new LunSpec(1, "u", [new NamePattern("iqn.a*")]);
        Assert.IsTrue(lun.AppliesTo(new InitiatorIdentity("iqn.abc")));
        Assert.IsFalse(lun.AppliesTo(new InitiatorIdentity("iqn.b")));
    }
}
