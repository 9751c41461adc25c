using TgtModular.Interop.Harness;
using TgtModular.Tgt.Tools.Admin;
using TgtModular.Tgt.Tools.TargetsConf;
using TgtModular.Tgt.Tools.Tests.Harness;

namespace TgtModular.Tgt.Tools.Tests.Admin;

/// <summary>From the daemon's text to a targets.conf and back.</summary>
[TestClass]
public sealed class TargetDumpTests
{
    private const string Shown = """
        Target 3: iqn.a
            System information:
                Driver: iscsi
                State: ready
            I_T nexus information:
                I_T nexus: 7
                    Initiator: iqn.ini alias: none
                    Connection: 2
                        IP Address: 127.0.0.1
            LUN information:
                LUN: 0
                    Type: controller
                    SCSI ID: IET     00030000
                LUN: 1
                    Type: disk
                    SCSI ID: IET     00030001
                    SCSI SN: beaf31
                    Size: 105 MB, Block size: 512
                    Online: Yes
                    Removable media: No
                    Readonly: No
                    Thin-provisioning: No
                    Backing store type: rdwr
                    Backing store path: /srv/a#1
                    Backing store flags: 
            Account information:
                joe
                me (outgoing)
            ACL information:
                10.0.0.0/8
                fe80::1
                iqn.ini
        Target 1: iqn.b
            System information:
                Driver: iser
                State: offline
            I_T nexus information:
            LUN information:
                LUN: 4
                    Type: cd/dvd
                    SCSI ID: X
                    SCSI SN: beaf14
                    Size: 0 MB, Block size: 1
                    Online: No
                    Removable media: Yes
                    Readonly: Yes
                    Thin-provisioning: No
                    Backing store type: mmc
                    Backing store path: None
                    Backing store flags: 
                LUN: 5
                    Type: disk
                    SCSI ID: IET     00010005
                    SCSI SN: beaf15
                    Size: 105 MB, Block size: 4096
                    Online: Yes
                    Removable media: No
                    Readonly: No
                    Thin-provisioning: Yes
                    Backing store type: aio
                    Backing store path: /srv/b
                    Backing store flags: sync direct
            Account information:
            ACL information:
                ALL
        Target 9: iqn.c
            System information:
                Driver: iser
            LUN information:
            Account information:
            ACL information:
        """;

    private const string Dumped = """
        default-driver iscsi

        <target iqn.b>
        	driver iser
        	<backing-store NONE:4>
        		lun 4
        		device-type cd
        		scsi_id X
        		readonly 1
        	</backing-store>
        	<backing-store /srv/b>
        		lun 5
        		bs-type aio
        		bsoflags sync:direct
        		block-size 4096
        		params thin_provisioning=1
        	</backing-store>
        </target>

        <target iqn.a>
        	backing-store /srv/a\#1
        	incominguser joe PLEASE_CORRECT_THE_PASSWORD
        	outgoinguser me PLEASE_CORRECT_THE_PASSWORD
        	initiator-address 10.0.0.0/8
        	initiator-address fe80::1
        	initiator-name iqn.ini
        </target>

        <target iqn.c>
        	driver iser
        	# no address may use this target; no initiator has this one
        	initiator-address 0.0.0.0
        </target>


        """;

    [TestMethod]
    public void Targets_OfTheDaemonsText_AreRead()
    {
        List<ShownTarget> targets = TargetListing.Targets(Shown);

        CollectionAssert.AreEqual((int[])[3, 1, 9], targets.ConvertAll(target => target.Id));
        Assert.AreEqual((1, 7ul, 2u), (targets[0].Nexuses, targets[0].Connections.Single().SessionId, targets[0].Connections.Single().ConnectionId));
        Assert.AreEqual("offline", targets[1].State);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("        LUN: 0\n")]
    [DataRow("Target x: y\n    LUN information:\n        Type: disk\n")]
    [DataRow("Target 1: y\n    LUN information:\n            Type: disk\n")]
    public void Targets_OfOtherText_DoNotThrow(string text) => _ = TargetListing.Targets(text);

    [TestMethod]
    public void Write_Targets_GivesAFileThatReadsBack()
    {
        Captured captured = new();

        new TargetDump(captured.Streams.Output).Write(TargetListing.Targets(Shown));

        Assert.AreEqual(Dumped, captured.Output);
        using TempDirectory directory = new();
        ConfigFindings findings = new();
        TargetsConfiguration configuration = TargetsReader.Read(directory.Write("t.conf", captured.Output), findings);
        Assert.IsEmpty(findings.Lines, string.Join('\n', findings.Lines));
        Assert.AreEqual("/srv/a#1", configuration.Targets["iqn.a"].Stores.Single().Path);
        Assert.IsTrue(configuration.Targets["iqn.b"].Stores[0].HasNoStore);
    }

    [TestMethod]
    public void Write_NoTargets_WritesNothing()
    {
        Captured captured = new();

        new TargetDump(captured.Streams.Output).Write([]);

        Assert.AreEqual("", captured.Output);
    }
}
