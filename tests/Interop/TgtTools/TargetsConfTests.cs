using TgtModular.Interop.TgtTools.Harness;
using TgtModular.Tgt.Tools;
using TgtModular.Tgt.Tools.TargetsConf;

namespace TgtModular.Interop.TgtTools;

/// <summary>
/// targets.conf with every name there is, by Debian's tgt-admin and by ours, each in a daemon of its own: both daemons show the same afterwards. What one
/// dumps the other reads.
/// </summary>
[TestClass]
public sealed class TargetsConfTests
{
    private static readonly Dictionary<string, string> Configurations = new()
    {
        ["plain"] = """
            default-driver iscsi
            <target iqn.b>
                backing-store DIR/disk1
                backing-store DIR/disk2
            </target>
            <target iqn.a>
                backing-store DIR/disk3 # comment
            </target>
            """,
        ["stores"] = """
            <target iqn.stores>
                <backing-store DIR/disk1>
                    scsi_id ID one
                    scsi_sn SN1
                    vendor_id "ACME"
                    product_id My disk
                    product_rev 1.0
                    removable 1
                    readonly 1
                    sense_format 1
                    lbppbe 3
                    la_lba 0
                    optimal_xfer_gran 8
                    optimal_xfer_len 64
                    lun 7
                </backing-store>
                <backing-store DIR/disk2>
                    bs-type rdwr
                    bsoflags sync
                    block-size 4096
                    write-cache off
                    device-type disk
                    online 0
                </backing-store>
                <backing-store DIR/disk3>
                    bs-type aio
                    params thin_provisioning=1
                    params removable=1,readonly=0
                    mode_page 10:0:10:2:0:0:0:0:0:0:0:2:0
                    mode_page 0x1c:0:10:8:0:0:0:0:0:0:0:0
                    allow-in-use yes
                </backing-store>
                <backing-store DIR/disk4>
                    bs-type null
                    lun 2
                </backing-store>
            </target>
            """,
        ["common"] = """
            <target iqn.common>
                backing-store DIR/disk1
                direct-store DIR/disk2
                backing-store DIR/disk3
                vendor_id ALL
                bs-type null
                write-cache off
                readonly 1
                bsopts none
                allow-in-use yes
                removable = 1
            </target>
            """,
        ["keys"] = """
            <target iqn.keys>
                MaxRecvDataSegmentLength 16384
                MaxXmitDataSegmentLength 16384
                HeaderDigest CRC32C
                DataDigest CRC32C
                InitialR2T No
                MaxOutstandingR2T 2
                ImmediateData No
                FirstBurstLength 32768
                MaxBurstLength 131072
                DataPDUInOrder Yes
                DataSequenceInOrder Yes
                ErrorRecoveryLevel 0
                DefaultTime2Wait 3
                DefaultTime2Retain 21
                MaxConnections 1
                driver iscsi
                controller_tid 12
                state offline
            </target>
            <target iqn.next>
            </target>
            """,
        ["access"] = """
            <target iqn.access>
                initiator-address 10.0.0.0/8
                initiator-address 192.168.1.7
                initiator-address fe80::/10
                initiator-name iqn.initiator
                initiator-name iqn.other
                incominguser joe secretsecret
                incominguser jim secretsecret
                outgoinguser me othersecret
            </target>
            <target iqn.name>
                initiator-name iqn.initiator
                incominguser joe secretsecret
            </target>
            """,
        ["globals"] = """
            default-driver iscsi
            ignore-errors no
            incomingdiscoveryuser din secretsecret
            outgoingdiscoveryuser dout secretsecret
            iSNSServerIP 127.0.0.9
            iSNSServerPort 3299
            iSNSAccessControl On
            iSNS Off
            include DIR/more*.conf
            """,
        ["syntax"] = """
            # a comment
              # another
            /* a third
               over lines */
            include DIR/none*.conf
            <target "iqn.syntax">
            	backing-store   "DIR/disk1"
                vendor_id = AC\
                            ME
                product_id a\#b\\c
                product_rev=1 # what follows counts not
                initiator-address=10.0.0.1
                nonsense here
            </target>
            <target iqn.syntax>
                initiator-address 10.0.0.2
            </target>
            """,
        ["left-out"] = """
            ignore-errors yes
            <target iqn.left>
                backing-store DIR/nosuch
                backing-store DIR/disk1
                vendor_id V
                MaxBurstLength nonsense
            </target>
            <target iqn.same>
                <backing-store DIR/disk2>
                    bs-type nosuch
                </backing-store>
                <backing-store DIR/disk3>
                </backing-store>
            </target>
            """,
        ["empty"] = "",
    };

    private static readonly string[] Show = ["--op", "show", "--mode", "target"];

    [TestMethod]
    [DynamicData(nameof(Names))]
    public async Task Execute_ByDebiansAndByOurs_GivesTheSame(string name)
    {
        await using TwinWorlds worlds = await TwinWorlds.StartAsync();
        foreach (TgtWorld world in (TgtWorld[])[worlds.Debian, worlds.Ours])
        {
            _ = world.Write("t.conf", Configurations[name] + "\n");
            _ = world.Write("more1.conf", "<target iqn.more>\nbacking-store DIR/disk4\ninclude DIR/name.inc\n</target>\n");
            _ = world.Write("name.inc", "initiator-name iqn.included\n");
        }

        (ToolOutcome debian, ToolOutcome ours) = await worlds.RunAsync("tgt-admin", "-e", "-c", "DIR/t.conf");
        Assert.AreEqual(debian.Status, ours.Status, $"{debian}\n{ours}");
        string state = await worlds.SameStateAsync(name);
        _ = await worlds.SameAsync("tgt-admin", "--show");
        await SameDumpAsync(worlds);

        // Once more: all there, nothing changes.
        _ = (await worlds.Ours.RunAsync(Maker.Ours, "tgt-admin", "-e", "-c", "DIR/t.conf")).MustSucceed();
        Assert.AreEqual(state, await worlds.Ours.StateAsync());

        // "discovery-again" of the list of differences: Debian's cannot bind users of discovery twice.
        (debian, ours) = await worlds.RunAsync("tgt-admin", "--update", "ALL", "-c", "DIR/t.conf");
        Assert.AreEqual(debian.Status, name == "globals" ? ExitStatus.InvalidArgument : ours.Status, $"{debian}\n{ours}");
        if (name == "globals") Assert.AreEqual(0, ours.Status, ours.ToString());
        _ = await worlds.SameStateAsync("update");

        // As Debian's service stops: with an empty file, all targets go.
        (debian, ours) = await worlds.RunAsync("tgt-admin", "--update", "ALL", "-c", "/dev/null", "-f");
        Assert.AreEqual((0, 0), (debian.Status, ours.Status), $"{debian}\n{ours}");
        Assert.AreEqual("", (await worlds.SameAsync("tgtadm", Show)).Output);
    }

    [TestMethod]
    public async Task Dump_OfOneTool_IsReadByTheOther()
    {
        foreach ((Maker writer, Maker reader) in ((Maker, Maker)[])[(Maker.Ours, Maker.Debian), (Maker.Debian, Maker.Ours), (Maker.Ours, Maker.Ours)])
        {
            await using TgtWorld first = await TgtWorld.StartAsync();
            _ = first.Write("t.conf", """
                <target iqn.one>
                    backing-store DIR/disk1
                    backing-store DIR/disk2
                    incominguser joe secretsecret
                    outgoinguser me secretsecret
                    initiator-address 10.0.0.1
                    initiator-name iqn.initiator
                </target>
                <target iqn.two>
                    backing-store DIR/disk3
                </target>
                """ + "\n");
            _ = (await first.RunAsync(Maker.Ours, "tgt-admin", "-e", "-c", "DIR/t.conf")).MustSucceed();
            string dump = (await first.RunAsync(writer, "tgt-admin", "--dump")).MustSucceed();
            string shown = (await first.RunAsync(Maker.Debian, "tgtadm", Show)).MustSucceed();

            await using TgtWorld second = await TgtWorld.StartAsync();
            _ = second.Write("t.conf", dump);
            _ = (await second.RunAsync(reader, "tgt-admin", "-e", "-c", "DIR/t.conf")).MustSucceed();

            Assert.AreEqual(shown, (await second.RunAsync(Maker.Debian, "tgtadm", Show)).MustSucceed(), $"{writer} to {reader}\n{dump}");
        }
    }

    /// <summary>What Debian's dump leaves out (numbers, types, flags of stores), ours has; Debian's tool reads it.</summary>
    [TestMethod]
    [DataRow(Maker.Debian)]
    [DataRow(Maker.Ours)]
    public async Task Dump_OfOddStores_IsReadBackWhole(object reader)
    {
        await using TgtWorld first = await TgtWorld.StartAsync();
        _ = first.Write("t.conf", Configurations["stores"] + "\n");
        _ = (await first.RunAsync(Maker.Ours, "tgt-admin", "-e", "-c", "DIR/t.conf")).MustSucceed();
        string dump = (await first.RunAsync(Maker.Ours, "tgt-admin", "--dump")).MustSucceed();
        await using TgtWorld second = await TgtWorld.StartAsync();
        _ = second.Write("t.conf", dump);

        _ = (await second.RunAsync((Maker)reader, "tgt-admin", "-e", "-c", "DIR/t.conf")).MustSucceed();

        Assert.AreEqual(
            (await first.RunAsync(Maker.Debian, "tgtadm", Show)).MustSucceed(), (await second.RunAsync(Maker.Debian, "tgtadm", Show)).MustSucceed(), dump);
    }

    [TestMethod]
    public async Task StateAndDelete_ByDebiansAndByOurs_EndAlike()
    {
        await using TwinWorlds worlds = await TwinWorlds.StartAsync();
        foreach (TgtWorld world in (TgtWorld[])[worlds.Debian, worlds.Ours])
        {
            _ = world.Write("t.conf", Configurations["plain"] + "\n");
            _ = (await world.RunAsync(Maker.Ours, "tgt-admin", "-e", "-c", "DIR/t.conf")).MustSucceed();
        }

        foreach (string[] arguments in (string[][])
        [
            ["--offline", "ALL"], ["--ready", "tid=1"], ["--ready", "iqn.b"], ["--offline", "iqn.b"], ["--delete", "tid=2"], ["--delete", "tid=77"],
            ["--delete", "nobody"], ["--update", "iqn.b", "-c", "DIR/t.conf"], ["--update", "tid=1", "-c", "/dev/null"], ["--delete", "ALL"],
        ])
        {
            (ToolOutcome debian, ToolOutcome ours) = await worlds.RunAsync("tgt-admin", arguments);
            Assert.AreEqual((debian.Status, debian.Output), (ours.Status, ours.Output), $"{debian}\n{ours}");
            _ = await worlds.SameStateAsync(ours.Command);
        }

        foreach (string[] arguments in (string[][])[["--offline", "nobody"], ["--update", "nobody", "-c", "DIR/t.conf"], ["--update", "tid=9", "-c", "DIR/t.conf"], ["-e", "-c", "/nonexistent"]])
        {
            (ToolOutcome debian, ToolOutcome ours) = await worlds.RunAsync("tgt-admin", arguments);
            Assert.AreNotEqual(0, debian.Status, debian.ToString());
            Assert.AreEqual(1, ours.Status, ours.ToString());
        }
    }

    private static IEnumerable<object[]> Names => Configurations.Keys.Select(name => new object[] { name });

    /// <summary>Debian's dump has its targets in any order, and less in them; what it has, ours has.</summary>
    private static async Task SameDumpAsync(TwinWorlds worlds)
    {
        TargetsConfiguration debian = Read(worlds.Debian, (await worlds.Debian.RunAsync(Maker.Debian, "tgt-admin", "--dump")).MustSucceed());
        TargetsConfiguration ours = Read(worlds.Ours, (await worlds.Ours.RunAsync(Maker.Ours, "tgt-admin", "--dump")).MustSucceed());
        Assert.AreEqual(debian.DefaultDriver, ours.DefaultDriver);
        CollectionAssert.AreEqual(debian.Targets.Keys, ours.Targets.Keys);
        foreach ((string name, TargetEntry target) in debian.Targets)
        {
            TargetEntry other = ours.Targets[name];
            CollectionAssert.AreEqual(target.Stores.ConvertAll(store => store.Path), other.Stores.ConvertAll(store => store.Path));
            CollectionAssert.AreEqual(target.IncomingAccounts.ConvertAll(account => account.User), other.IncomingAccounts.ConvertAll(account => account.User));
            Assert.AreEqual(target.OutgoingAccount?.User, other.OutgoingAccount?.User);

            // "dump-networks" of the list of differences: Debian's writes networks and IPv6 addresses as names.
            CollectionAssert.AreEquivalent(Rules(target), Rules(other));
        }
    }

    private static List<string> Rules(TargetEntry target) => [.. target.InitiatorAddresses.Concat(target.InitiatorNames).Select(rule => rule.Value)];

    private static TargetsConfiguration Read(TgtWorld world, string dump)
    {
        // Not this world's names for the stores: those of both are compared.
        string file = world.File("dump.conf");
        File.WriteAllText(file, dump);
        ConfigFindings findings = new();
        TargetsConfiguration configuration = TargetsReader.Read(file, findings);
        Assert.IsEmpty(findings.Lines, $"{string.Join('\n', findings.Lines)}\n{dump}");
        return configuration;
    }
}
