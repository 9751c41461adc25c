using System.Diagnostics;
using TgtModular.Interop.Harness;
using TgtModular.Interop.TgtTools.Harness;

namespace TgtModular.Interop.TgtTools;

/// <summary>Targets that an initiator uses: tgt-admin leaves them alone until it is forced.</summary>
[TestClass]
public sealed class TargetInUseTests
{
    private const string Name = "iqn.2026-11.org.example:used";
    private const string Configuration = $"""
        <target {Name}>
            backing-store DIR/disk1
            initiator-address 127.0.0.1
            initiator-address 10.0.0.0/8
        </target>

        """;

    [TestMethod]
    public async Task UpdateAndDelete_TargetInUse_NeedForce()
    {
        string initiator = Tool.Require("qemu-io", "qemu-utils");
        await using TgtWorld world = await TgtWorld.StartAsync();
        _ = world.Write("t.conf", Configuration);
        _ = (await AdminAsync(world, "-e", "-c", "DIR/t.conf")).MustSucceed();
        using Process session = await LogInAsync(initiator, world.Port);
        try
        {
            string before = await world.StateAsync();
            StringAssert.Contains(before, "I_T nexus:", StringComparison.Ordinal);
            foreach (string[] arguments in (string[][])[["--delete", Name], ["--delete", "ALL"], ["--update", "ALL", "-c", "DIR/t.conf"]])
            {
                ToolOutcome left = await AdminAsync(world, arguments);
                Assert.AreEqual(0, left.Status, left.ToString());
                StringAssert.Contains(left.Error, $"target 1 ({Name}) is in use", StringComparison.Ordinal);
                Assert.AreEqual(before, await world.StateAsync(), left.Command);
            }

            _ = (await AdminAsync(world, "--delete", Name, "--force")).MustSucceed();
            Assert.AreEqual("", (await world.RunAsync(Maker.Debian, "tgtadm", "--op", "show", "--mode", "target")).MustSucceed());
        }
        finally
        {
            session.Kill();
        }
    }

    private static Task<ToolOutcome> AdminAsync(TgtWorld world, params string[] arguments) => world.RunAsync(Maker.Ours, "tgt-admin", arguments);

    /// <summary>An initiator that has read a block and stays.</summary>
    private static async Task<Process> LogInAsync(string initiator, int port)
    {
        ProcessStartInfo start = new(initiator, ["-f", "raw", $"iscsi://127.0.0.1:{port}/{Name}/1"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process = Process.Start(start)!;
        LineLog log = new();
        process.OutputDataReceived += (_, line) => log.Add(line.Data);
        process.ErrorDataReceived += (_, line) => log.Add(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await process.StandardInput.WriteLineAsync("read 0 512");
        await process.StandardInput.FlushAsync();
        try
        {
            _ = await log.WaitForAsync(line => line.Contains("read 512/512", StringComparison.Ordinal)).WaitAsync(TimeSpan.FromSeconds(30));
            return process;
        }
        catch (TimeoutException)
        {
            process.Kill();
            throw new AssertFailedException($"no session\n{log}");
        }
    }
}
