using TgtModular.Tgt.Protocol;
using TgtModular.Tgt.Tools.Tests.Harness;
using TgtModular.Tgt.Tools.Tgtadm;

namespace TgtModular.Tgt.Tools.Tests.Tgtadm;

/// <summary>Command lines, requests and refusals. The whole table of options is compared with Debian's tgtadm by the Interop tests.</summary>
[TestClass]
public sealed class AdminToolTests
{
    [TestMethod]
    [DataRow("", 22, "specify the operation type")]
    [DataRow("-o show", 22, "specify the mode")]
    [DataRow("-m foo", 1, "unknown mode: foo")]
    [DataRow("-o foo", 1, "unknown operation: foo")]
    [DataRow("-m target -o new", 22, "'tid' option is necessary")]
    [DataRow("-m target -o new -t 0", 22, "'tid' cannot be 0")]
    [DataRow("-m target -o new -t 1", 22, "creating new target requires a name, use --targetname")]
    [DataRow("-m target -o show -s 2 -n x", 22, "target mode: option '-s' is not allowed/supported")]
    [DataRow("-m target -o bind -t 1", 22, "bind operation requires initiator-address, initiator-nameor bus")]
    [DataRow("-m target -o start -t 1", 22, "operation start not supported in target mode")]
    [DataRow("-m lu -o new -t 1", 22, "'lun' option is necessary")]
    [DataRow("-m lu -o new -t 0 -l 1", 22, "'tid' must not be 0")]
    [DataRow("-m lu -o new -t 1 -l 1 -Y changer", 22, "'backing-store' option is necessary")]
    [DataRow("-m lu -o update -t 1 -l 1 -n x", 22, "option '-n' not supported in logicalunit mode")]
    [DataRow("-m portal -o show -P x", 22, "option '-P' not supported in portal mode")]
    [DataRow("-m portal -o new", 22, "you must specify --param portal=<portal>")]
    [DataRow("-m account -o new -u x", 22, "'user' and 'password' options are required")]
    [DataRow("-m account -o bind -t 1", 22, "'user' option is necessary")]
    [DataRow("-m lld -o bind", 22, "option 3 not supported in lld mode")]
    [DataRow("-m system -o update -n x", 22, "update operation requires 'name' and 'value' options")]
    [DataRow("-m conn -o show -n x", 22, "update operation requires 'name' and 'value' options")]
    [DataRow("-m target -o bind -t 1 -B nosuchbus,1", 22, "can't find bus: nosuchbus")]
    [DataRow("-m target -o bind -t 1 -B ../..,x", 22, "can't find bus: ../..")]
    public void Run_Refused_SaysWhyWithoutAsking(string arguments, int status, string expected)
    {
        Captured captured = new();

        Assert.AreEqual(status, AdminTool.Run(Split(arguments), captured.Streams, _ => throw new AssertFailedException("asked the daemon")));

        Assert.AreEqual($"tgtadm: {expected}\n", captured.Error);
        Assert.AreEqual("", captured.Output);
    }

    [TestMethod]
    public void Run_EveryTextOption_IsSentInTheOrderOfTheWire()
    {
        Captured captured = new();
        using AnsweringSocket socket = new(ManagementResponse.Done.Encode());
        string[] arguments = Split(
            "-m sess -o stat -P P -p p -u u -Q Q -I I -T T -y 4096 -f f -S s -E e -b b -v v -n n -Y cd --outgoing --force -H 9 -s 4 -c 5 -l 6 -L x");

        Assert.AreEqual(0, AdminTool.Run(arguments, captured.Streams, _ => socket.Path), captured.Error);

        ManagementRequest request = socket.Requests.Single();
        Assert.AreEqual(
            "n=v,path=b,bstype=e,bsopts=s,bsoflags=f,blocksize=4096,targetname=T,initiator-address=I,initiator-name=Q,user=u,password=p,targetOps P,", request.Body);
        Assert.AreEqual((4ul, 5u, 6ul, 9u, 5u, 1u, 1u), (
            request.SessionId, request.ConnectionId, request.Lun, request.HostNumber, request.DeviceType, request.AccountDirection, request.Force));
    }

    [TestMethod]
    [DataRow("-m portal -o new -P portal=1:2", "portalOps portal=1:2,")]
    [DataRow("-m lu -o new -t 1 -l 1 -Y tape -E rdwr", "bstype=ssc")]
    [DataRow("-m lu -o new -t 1 -l 1 -Y cd", "")]
    [DataRow("-m target -o new -t 1 -T=", "targetname==")]
    public void Run_Body_IsAsTgtSendsIt(string arguments, string expected)
    {
        Captured captured = new();
        using AnsweringSocket socket = new(ManagementResponse.Done.Encode());

        Assert.AreEqual(0, AdminTool.Run(Split(arguments), captured.Streams, _ => socket.Path), captured.Error);

        Assert.AreEqual(expected, socket.Requests.Single().Body);
    }

    [TestMethod]
    [DataRow("--help")]
    [DataRow("-h")]
    public void Run_Help_NamesEveryOption(string option)
    {
        Captured captured = new();

        Assert.AreEqual(0, AdminTool.Run([option], captured.Streams));

        foreach (string name in AdminOptions.All.Select(spec => spec.Name)) StringAssert.Contains(captured.Output, $"--{name}");
    }

    [TestMethod]
    public void Run_Version_IsThreeNumbers()
    {
        Captured captured = new();

        Assert.AreEqual(0, AdminTool.Run(["-V"], captured.Streams));

        Assert.AreEqual(3, captured.Output.TrimEnd('\n').Split('.').Length, captured.Output);
    }

    private static string[] Split(string arguments) => arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
}
