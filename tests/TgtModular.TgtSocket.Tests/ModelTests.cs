using System.Net;
using TgtModular.Core.Configuration;
using TgtModular.Tgt.Protocol;
using TgtModular.TgtSocket.Model;
using TgtModular.TgtSocket.Modes;
using TgtModular.TgtSocket.Rendering;
using TgtModular.Transports;

namespace TgtModular.TgtSocket.Tests;

/// <summary>Bodies, numbers, parameters, addresses and sizes as tgt has them.</summary>
[TestClass]
public sealed class ModelTests
{
    [TestMethod]
    public void Body_OfTheTools_IsTakenApart()
    {
        RequestBody body = RequestBody.Parse("path=/srv/a,b.img,bstype=rdwr,bsoflags=sync:direct,targetOps scsi_id=x,mode_page=8:0:1:2,flag,");

        Assert.AreEqual("/srv/a,b.img", body.Find(RequestBody.Path));
        Assert.AreEqual("rdwr", body.Find(RequestBody.StoreType));
        Assert.AreEqual("sync:direct", body.Find(RequestBody.StoreFlags));
        Assert.IsNull(body.Find(RequestBody.StoreOptions));
        CollectionAssert.AreEqual(
            new KeyValuePair<string, string?>[] { new("scsi_id", "x"), new("mode_page", "8:0:1:2"), new("flag", null) }, body.Parameters.ToArray());
    }

    [TestMethod]
    [DataRow("42", 42L)]
    [DataRow("0x1F", 31L)]
    [DataRow("010", 8L)]
    [DataRow("-5", -5L)]
    [DataRow("12abc", 12L)]
    [DataRow("08", 0L)]
    [DataRow("nonsense", 0L)]
    [DataRow("", 0L)]
    [DataRow("99999999999999999999", long.MaxValue)]
    public void Number_ReadAsCDoes(string text, long expected) => Assert.AreEqual(expected, CNumber.Read(text));

    [TestMethod]
    [DataRow("MaxRecvDataSegmentLength", "511", ManagementError.InvalidRequest)]
    [DataRow("maxrecvdatasegmentlength", "512", ManagementError.None)]
    [DataRow("HeaderDigest", "crc32c", ManagementError.InvalidRequest)]
    [DataRow("InitialR2T", "No", ManagementError.None)]
    [DataRow("ErrorRecoveryLevel", "0", ManagementError.None)]
    [DataRow("ErrorRecoveryLevel", "1", ManagementError.Unsupported)]
    [DataRow("ErrorRecoveryLevel", "3", ManagementError.InvalidRequest)]
    [DataRow("RedirectCallback", "/bin/true", ManagementError.Unsupported)]
    [DataRow("RedirectPort", "0", ManagementError.InvalidRequest)]
    [DataRow("nosuch", "1", ManagementError.InvalidRequest)]
    public void Parameter_Set_AnswersAsTgt(string name, string value, ManagementError expected) =>
        Assert.AreEqual(expected, new TargetParameters().Set(name, value));

    [TestMethod]
    public void Parameters_Untouched_BecomeOptionsWithTgtsDefaults()
    {
        Dictionary<string, object> options = new(new TargetParameters().ToOptions());

        Assert.AreEqual(8192L, options["max_recv_data_segment_length"]);
        Assert.AreEqual("off", options["header_digest"]);
        Assert.AreEqual(true, options["initial_r2t"]);
        Assert.AreEqual(128L, options["max_queue_depth"]);
        Assert.IsFalse(options.ContainsKey("nop_interval"), "the daemon's value counts until the target has one");
        Assert.IsFalse(options.ContainsKey("redirect"));
    }

    [TestMethod]
    [DataRow("192.0.2.1", null, "192.0.2.1:3260")]
    [DataRow("fd00::1", "3261", "[fd00::1]:3261")]
    public void Redirection_WithAndWithoutPort_IsAnAddress(string address, string? port, string expected)
    {
        TargetParameters parameters = new();
        Assert.AreEqual(ManagementError.None, parameters.Set("RedirectAddress", address));
        if (port is not null) Assert.AreEqual(ManagementError.None, parameters.Set("RedirectPort", port));

        Assert.AreEqual(expected, parameters.Redirection);
        Assert.AreEqual($"RedirectAddress={address}", parameters.Lines().First());
    }

    [TestMethod]
    public void Access_OfAddressesAndNames_AdmitsWhomEitherDoes()
    {
        TgtTarget target = new(1, "key", "iqn.t", "iscsi");
        target.Addresses.Add("10.0.0.0/8");
        target.Initiators.Add("iqn.known");

        Assert.IsTrue(target.Access.Admits(new InitiatorIdentity("iqn.stranger", IPAddress.Parse("10.1.2.3"))));
        Assert.IsTrue(target.Access.Admits(new InitiatorIdentity("iqn.known", IPAddress.Parse("192.0.2.1"))));
        Assert.IsFalse(target.Access.Admits(new InitiatorIdentity("iqn.stranger", IPAddress.Parse("192.0.2.1"))));
        Assert.AreEqual(AccessRules.Nobody, new TgtTarget(2, "other", "iqn.o", "iscsi").Access);
    }

    [TestMethod]
    [DataRow("ALL", true)]
    [DataRow("all", false)]
    [DataRow("10.0.0.0/8", true)]
    [DataRow("10.0.0.1/8", false)]
    [DataRow("fd00::/16", true)]
    [DataRow("[fd00::1]", true)]
    [DataRow("nonsense", false)]
    public void Address_AsTgtadmWritesIt_IsKnownOrNot(string text, bool known) => Assert.AreEqual(known, TgtAddress.Parse(text) is not null);

    [TestMethod]
    [DataRow(0L, 0L)]
    [DataRow(1000000L, 1L)]
    [DataRow(52428800L, 52L)]
    [DataRow(104857600L, 105L)]
    [DataRow(1L << 40, 1099512L)]
    public void Size_InMegabytes_AsTgtCounts(long bytes, long expected) => Assert.AreEqual(expected, TargetText.Megabytes(bytes));

    [TestMethod]
    [DataRow("127.0.0.1:3261", "127.0.0.1:3261")]
    [DataRow("127.0.0.1", "127.0.0.1:3260")]
    [DataRow("[::1]:3261", "[::1]:3261")]
    [DataRow("::1", "[::1]:3260")]
    [DataRow("127.0.0.1:99999", null)]
    [DataRow("127.0.0.1:", null)]
    [DataRow("127.0.0.1:0", null)]
    [DataRow("", null)]
    public async Task Portal_AsTgtadmWritesIt_IsRead(string text, string? expected) =>
        Assert.AreEqual(expected, (await PortalMode.ReadAsync(text, CancellationToken.None))?.ToString());

    [TestMethod]
    public void Identity_OfAUnit_HasTgtsDefaults()
    {
        Assert.AreEqual("beaf701", UnitBuilder.Serial(70, 1));
        Assert.AreEqual("IET     00460001", UnitBuilder.ScsiId(70, 1));
        Assert.AreEqual("IET     000211170", UnitBuilder.ScsiId(2, 70000));
    }

    [TestMethod]
    public void CachingPage_AsTgtAdminSendsIt_IsTheWriteCache()
    {
        (UnitParameter? off, string? value) = UnitParameter.Find("mode_page", "8:0:18:0x10:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0");

        Assert.AreEqual("write_cache", off!.Name);
        Assert.AreEqual("0", value);
        Assert.AreEqual(UnitParameterKind.ModePage, UnitParameter.Find("mode_page", "8:0:18:1").Parameter!.Kind);
    }
}
