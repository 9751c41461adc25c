using TgtModular.Interop.Harness;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Interop.Plugins;

/// <summary>A plugin is removed from a daemon that runs, by <c>tgtctl plugin remove</c>.</summary>
[TestClass]
public sealed class RemovalTests
{
    private const string ReportedLunsChanged = "3f/0e";
    private const string UnitNotSupported = "25/00";
    private static readonly string[] RemovedStates = ["1.0.0 removed"];

    [TestMethod]
    public async Task Remove_InUse_RefusedNamingTheUsers()
    {
        await using Shelf shelf = await Shelf.StartAsync(veiled: true);

        ToolResult refused = await shelf.RunAsync("plugin", "remove", Shelf.Plugin);

        Assert.AreEqual(1, refused.ExitCode, refused.Output);
        StringAssert.Contains(refused.Output, "plugin 'store-shelf' is in use by store shelf, store veil", StringComparison.Ordinal);
        CollectionAssert.AreEqual(new[] { "1.0.0 loaded" }, await shelf.StatesAsync());
        await shelf.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task Remove_Forced_ObjectsGoSessionsAreToldAndDataStay()
    {
        await using Shelf shelf = await Shelf.StartAsync(veiled: true);
        using Session gone = shelf.Open();
        gone.TestUnitReady();
        UpgradeTests.Write(gone, 4, "kept");
        Assert.AreEqual(ScsiReply.Good, gone.Execute([0x35, 0, 0, 0, 0, 0, 0, 0, 0, 0], 0).Status, "SYNCHRONIZE CACHE");

        string said = await shelf.MustAsync("plugin", "remove", Shelf.Plugin, "--force");

        foreach (string line in new[] { "removed unit u1", "removed store shelf", "removed store veil", "removed plugin store-shelf 1.0.0", "stays in memory until" })
            StringAssert.Contains(said, line, StringComparison.Ordinal);
        Assert.AreEqual(UnitNotSupported, UpgradeTests.Sense(gone.ExecuteOnce(new byte[6], 0)), "the session has no such LUN any more");
        gone.Logout();
        CollectionAssert.AreEqual(RemovedStates, await shelf.StatesAsync());
        await shelf.RescanAsync();
        CollectionAssert.AreEqual(RemovedStates, await shelf.StatesAsync(), "its folder is as it was");

        string[] add = ["store", "add", "shelf", "--type", "shelf", "--option", $"path={shelf.Image}", "--option", "size=32MiB"];
        StringAssert.Contains((await shelf.RunAsync(add)).Output, "was removed by 'tgtctl plugin remove'; copy its folder again", StringComparison.Ordinal);
        await shelf.DropInAsync(Shelf.Old);
        await shelf.RescanAsync();
        _ = await shelf.MustAsync(add);
        _ = await shelf.MustAsync("unit", "add", "u1", "--device", "sbc", "--store", "shelf");
        _ = await shelf.MustAsync("lun", "add", DiskConfiguration.TargetName, "1", "u1");
        using Session back = shelf.Open();
        Assert.AreEqual("kept", UpgradeTests.Read(back, 4));
        back.Logout();
        await shelf.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task Remove_Forced_SessionThatSeesAnotherUnitLearnsOfTheMap()
    {
        await using Shelf shelf = await Shelf.StartAsync();
        using Session other = shelf.Open(lun: 2);
        other.TestUnitReady();

        _ = await shelf.MustAsync("plugin", "remove", Shelf.Plugin, "--force");

        Assert.AreEqual(ReportedLunsChanged, UpgradeTests.Sense(other.ExecuteOnce(new byte[6], 0)));
        Assert.AreEqual(ScsiReply.Good, other.ExecuteOnce(new byte[6], 0).Status);
        other.Logout();
        await shelf.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task Remove_OneVersion_TheOtherServesOn()
    {
        await using Shelf shelf = await Shelf.StartAsync();
        await shelf.AddNewAsync();
        StringAssert.Contains(
            (await shelf.RunAsync("plugin", "remove", $"{Shelf.Plugin}@{Shelf.Old}")).Output, "in use by store shelf", StringComparison.Ordinal);
        _ = await shelf.MustAsync("plugin", "upgrade", Shelf.Plugin);

        _ = await shelf.MustAsync("plugin", "remove", $"{Shelf.Plugin}@{Shelf.Old}");

        CollectionAssert.AreEquivalent(new[] { "1.0.0 removed", "1.1.0 loaded" }, await shelf.StatesAsync());
        StringAssert.Contains(
            (await shelf.RunAsync("plugin", "upgrade", Shelf.Plugin, "--to", Shelf.Old)).Output, "version 1.0.0 was removed", StringComparison.Ordinal);
        Assert.AreEqual(Shelf.New, await shelf.VersionAsync());
        StringAssert.Contains((await shelf.RunAsync("plugin", "remove", $"{Shelf.Plugin}@3.0.0")).Output, "there is no version 3.0.0", StringComparison.Ordinal);
        await shelf.Daemon.StopAsync();
    }

    [TestMethod]
    public async Task Remove_TransportInUseForced_ItsSessionsEndAndItIsGone()
    {
        await using Shelf shelf = await Shelf.StartAsync();
        using Session session = shelf.Open();
        session.TestUnitReady();
        StringAssert.Contains((await shelf.RunAsync("plugin", "remove", "iscsi")).Output, "in use by transport iscsi", StringComparison.Ordinal);

        StringAssert.Contains(await shelf.MustAsync("plugin", "remove", "iscsi", "--force"), "removed transport iscsi", StringComparison.Ordinal);

        _ = Assert.Throws<InitiatorException>(() => shelf.Open());
        await shelf.Daemon.StopAsync();
    }
}
