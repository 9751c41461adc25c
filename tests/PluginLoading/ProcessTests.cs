using TgtModular.Core.Plugins;

namespace TgtModular.PluginLoading.Tests;

/// <summary>What may end a process is tried in one of its own.</summary>
[TestClass]
public sealed class ProcessTests
{
    [TestMethod]
    [DataRow("thread")]
    [DataRow("pool")]
    [DataRow("async")]
    public void OwnThreadThrows_PluginIsFencedAndTheProcessGoesOn(string where)
    {
        using var sandbox = new Sandbox();
        sandbox.Add("OwnThreadThrows");
        sandbox.Add("Good");
        using var probe = new ProbeProcess(sandbox);

        probe.Send($"open own-thread {where}");
        string?[] lines = [probe.ReadLine(), probe.ReadLine()];

        Assert.Contains("there is nothing to open", lines);
        Assert.Contains("fenced own-thread: a thread of it ended with InvalidOperationException: nobody catches this", lines);
        Assert.Contains("is fenced", probe.Ask("ask own-thread"));
        Assert.AreEqual("1.0.0", probe.Ask("ask good"));
        Assert.AreEqual(0, probe.Finish());
    }

    [TestMethod]
    public void FilesOverwrittenAndTruncatedWhileLoaded_ProcessGoesOn()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("ClashOne");
        using var probe = new ProbeProcess(sandbox);
        Assert.AreEqual("dependency 1", probe.Ask("ask clash-one"));

        foreach (string file in Directory.GetFiles(folder))
        {
            using FileStream overwritten = File.OpenWrite(file);
            overwritten.Write(new byte[16]);
            overwritten.SetLength(16);
        }

        Assert.AreEqual("dependency 1", probe.Ask("ask clash-one"));
        Assert.AreEqual("there is nothing to open", probe.Ask("open clash-one x"));
        Assert.AreEqual(0, probe.Finish());
    }

    [TestMethod]
    public void FilesOverwrittenBeforeTheFirstUse_CodeOfTheStartIsLoaded()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("ClashOne");
        using var probe = new ProbeProcess(sandbox);

        foreach (string file in Directory.GetFiles(folder)) File.WriteAllText(file, "");

        Assert.AreEqual("dependency 1", probe.Ask("ask clash-one"));
        Assert.AreEqual(0, probe.Finish());
    }

    [TestMethod]
    public void ProcessDiesTwiceInACall_PluginIsSuspectAtTheThirdStart()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("OwnThreadThrows");
        sandbox.Add("Good");

        for (int i = 0; i < 2; i++)
        {
            using var dying = new ProbeProcess(sandbox);
            Assert.AreEqual("1.0.0", dying.Ask("ask good"));
            dying.Send("open own-thread die");
            Assert.AreNotEqual(0, dying.WaitForExit());
        }

        using (var third = new ProbeProcess(sandbox))
        {
            Assert.Contains("is suspect: the daemon died twice in a row while in a call of this plugin", third.Ask("ask own-thread"));
            Assert.AreEqual("1.0.0", third.Ask("ask good"));
            Assert.AreEqual(0, third.Finish());
        }

        using var fourth = new ProbeProcess(sandbox);
        Assert.Contains("is suspect", fourth.Ask("ask own-thread"));
        Assert.AreEqual(0, fourth.Finish());
    }

    [TestMethod]
    public void ProcessKilledTwiceOutsideOfCalls_NothingIsSuspect()
    {
        using var sandbox = new Sandbox();
        sandbox.Add("Good");

        for (int i = 0; i < 2; i++)
        {
            using var killed = new ProbeProcess(sandbox);
            Assert.AreEqual("1.0.0", killed.Ask("ask good"));
            killed.Kill();
        }

        using var third = new ProbeProcess(sandbox);
        Assert.AreEqual("1.0.0", third.Ask("ask good"));
    }

    [TestMethod]
    public void SuspectPluginReplaced_IsServed()
    {
        using var sandbox = new Sandbox();
        string folder = sandbox.Add("Good");
        PluginInfo plugin = sandbox.Scan().Single();
        File.WriteAllText(Path.Combine(sandbox.Root, "in-use"), $"! 2 {plugin} {plugin.ContentHash}\n");
        using var suspects = new SuspectJournal(Path.Combine(sandbox.Root, "in-use"));
        Assert.AreEqual(PluginState.Suspect, sandbox.Scan(options => options with { Suspects = suspects }).Single().State);

        Sandbox.AddFile(folder, "mended.txt", [1]);

        Assert.AreEqual(PluginState.Available, sandbox.Scan(options => options with { Suspects = suspects }).Single().State);
    }
}
