using TgtModular.Interop.Harness;
using TgtModular.Tgt.Tools.Admin;
using TgtModular.Tgt.Tools.Tests.Harness;

namespace TgtModular.Tgt.Tools.Tests.Admin;

/// <summary>What tgt-admin would do, without a daemon: --pretend on a control port where nobody listens.</summary>
[TestClass]
public sealed class TargetAdminToolTests
{
    private const string Prefix = "tgtadm -C 32767 ";

    [TestMethod]
    public void Pretend_Targets_PrintsTheCommandsInOrder()
    {
        using TempDirectory directory = new();
        string a = directory.Write("a b.img", "");
        string b = directory.Write("b.img", "");
        string[] commands = Pretend(directory, $$"""
            iSNS On
            iSNSServerIP 10.0.0.1
            incomingdiscoveryuser d dsecret
            <target t2>
                <backing-store {{a}}>
                    lun 5
                    write-cache off
                    params address=1,tid=${tid},lun=${lun}
                </backing-store>
                <backing-store NONE:1>
                    device-type tape
                </backing-store>
                direct-store {{b}}
                incominguser u it's
                outgoinguser o p
                initiator-name iqn.i
                state offline
            </target>
            <target t1>
                driver iser
                controller_tid 1
                bs-type rbd
                backing-store pool/image
                initiator-address 10.0.0.0/8
            </target>
            """);

        string[] expected =
        [
            "--op update --mode sys --name iSNSServerIP -v 10.0.0.1",
            "--mode account --op new --user=d --password=dsecret",
            "--mode account --op bind --user=d",
            "--op update --mode sys --name iSNS -v On",
            "--lld iser --op new --mode target --tid 1 -T t1",
            "--lld iser --op new --mode logicalunit --tid 1 --lun 1 -b pool/image --bstype rbd",
            "--lld iser --op bind --mode target --tid 1 -I 10.0.0.0/8",
            "--lld iscsi --op new --mode target --tid 2 -T t2",
            $"--lld iscsi --op new --mode logicalunit --tid 2 --lun 5 -b '{a}'",
            "--lld iscsi --op update --mode logicalunit --tid 2 --lun=5 --params mode_page=8:0:18:0x10:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0",
            "--lld iscsi --op update --mode logicalunit --tid 2 --lun=5 --params address=1,tid=2,lun=5",
            "--lld iscsi --op new --mode logicalunit --tid 2 --lun 1 --device-type tape",
            $"--lld iscsi --op new --mode logicalunit --tid 2 --lun 2 -b {b}",
            "--lld iscsi --mode account --op new --user=u '--password=it'\\''s'",
            "--lld iscsi --mode account --op bind --tid=2 --user=u",
            "--lld iscsi --mode account --op new --user=o --password=p",
            "--lld iscsi --mode account --op bind --tid=2 --user=o --outgoing",
            "--lld iscsi --op bind --mode target --tid 2 -Q iqn.i",
            "--lld iscsi --op bind --mode target --tid 2 -I ALL",
            "--lld iscsi --mode target --op update --tid 2 --name state --value offline",
        ];
        CollectionAssert.AreEqual(expected, commands, string.Join('\n', commands));
    }

    [TestMethod]
    public void Pretend_Numbers_AreGivenPastThoseThatAreAskedFor()
    {
        using TempDirectory directory = new();
        string[] commands = Pretend(directory, "<target a>\n</target>\n<target b>\ncontroller_tid 2\n</target>\n<target c>\ncontroller_tid 7\n</target>\n<target d>\n</target>\n");

        string[] ids = [.. commands.Where(command => command.Contains("--op new", StringComparison.Ordinal)).Select(command => command.Split("--tid ")[1])];
        CollectionAssert.AreEqual((string[])["1 -T a", "2 -T b", "7 -T c", "8 -T d"], ids);
    }

    [TestMethod]
    public void Pretend_FileInUse_IsLeftOutUnlessAllowed()
    {
        using TempDirectory directory = new();
        string file = directory.Write("a.img", "");
        string use = $"<target a>\nbacking-store {file}\n</target>\n<target b>\nbacking-store {file}\n</target>\n<target c>\nbacking-store {file}\nallow-in-use yes\n</target>\n";

        Assert.AreEqual(2, Pretend(directory, use).Count(command => command.Contains("--mode logicalunit", StringComparison.Ordinal)));
        Assert.AreEqual(3, Pretend(directory, use, "--force").Count(command => command.Contains("--mode logicalunit", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void Execute_Errors_DoNothingAtAll()
    {
        using TempDirectory directory = new();
        Captured captured = new();
        string file = directory.Write("t.conf", "<target a>\n</target>\n<target b>\ncontroller_tid x\n</target>\n");

        Assert.AreEqual(1, TargetAdminTool.Run(["-e", "-p", "-c", file, "-C", "32767"], captured.Streams));

        Assert.AreEqual("", captured.Output);
        Assert.AreEqual($"{file}:4: controller_tid is a number from 1 on, not 'x'\n{file}: 1 error(s), nothing is done\n", captured.Error);
    }

    [TestMethod]
    [DataRow("--execute --delete ALL", "one thing at a time")]
    [DataRow("--bogus", "unrecognized option '--bogus'")]
    [DataRow("-v", "no action specified")]
    [DataRow("-e extra", "'extra' is no option")]
    [DataRow("--update", "option '--update' requires an argument")]
    public void Run_WrongCommandLine_SaysSo(string arguments, string expected)
    {
        Captured captured = new();

        Assert.AreEqual(1, TargetAdminTool.Run(arguments.Split(' '), captured.Streams));

        StringAssert.Contains(captured.Error, expected);
    }

    [TestMethod]
    [DataRow("--help")]
    [DataRow("--delete help")]
    [DataRow("--update help")]
    public void Run_Help_IsPrinted(string arguments)
    {
        Captured captured = new();

        Assert.AreEqual(0, TargetAdminTool.Run(arguments.Split(' '), captured.Streams));

        StringAssert.Contains(captured.Output, "--ignore-errors");
    }

    [TestMethod]
    public void Run_NobodyListens_EndsAsNotConnected()
    {
        Captured captured = new();

        Assert.AreEqual(ExitStatus.NotConnected, TargetAdminTool.Run(["--show", "-C", "32767"], captured.Streams));

        StringAssert.Contains(captured.Output, "exited with code: 107.");
    }

    private static string[] Pretend(TempDirectory directory, string text, params string[] more)
    {
        Captured captured = new();
        string file = directory.Write("t.conf", text);
        Assert.AreEqual(0, TargetAdminTool.Run(["-e", "-p", "-c", file, "-C", "32767", .. more], captured.Streams), captured.Error);
        return [.. captured.Output.Split('\n').Where(line => line.StartsWith(Prefix, StringComparison.Ordinal)).Select(line => line[Prefix.Length..])];
    }
}
