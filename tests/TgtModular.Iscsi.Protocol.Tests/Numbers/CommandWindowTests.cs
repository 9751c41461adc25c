using TgtModular.Iscsi.Protocol.Numbers;

namespace TgtModular.Iscsi.Protocol.Tests.Numbers;

[TestClass]
public sealed class CommandWindowTests
{
    [TestMethod]
    [DataRow(0u)]
    [DataRow(0xffff_fffeu)]
    [DataRow(0x7fff_ffffu)]
    public void Window_AroundAnyStart_PlacesCommands(uint start)
    {
        CommandWindow window = new(start, 4);
        Assert.AreEqual(CommandPlacement.Expected, window.Place(start));
        Assert.AreEqual(CommandPlacement.Ahead, window.Place(start + 1));
        Assert.AreEqual(CommandPlacement.Ahead, window.Place(start + 3));
        Assert.AreEqual(CommandPlacement.Outside, window.Place(start + 4));
        Assert.AreEqual(CommandPlacement.Outside, window.Place(start - 1));
        Assert.AreEqual(CommandPlacement.Outside, window.Place(start + 0x8000_0000));
        window.Advance();
        Assert.AreEqual(CommandPlacement.Outside, window.Place(start));
        Assert.AreEqual(CommandPlacement.Expected, window.Place(start + 1));
        Assert.AreEqual(3u, window.OpenSlots);
    }

    [TestMethod]
    public void Window_AllTaken_IsClosedUntilGranted()
    {
        CommandWindow window = new(10, 2);
        window.Advance();
        window.Advance();
        Assert.AreEqual(window.ExpCmdSN - 1, window.MaxCmdSN);
        Assert.AreEqual(0u, window.OpenSlots);
        Assert.AreEqual(CommandPlacement.Outside, window.Place(12));
        window.Grant(3);
        Assert.AreEqual(14u, window.MaxCmdSN);
        Assert.AreEqual(CommandPlacement.Expected, window.Place(12));
    }

    [TestMethod]
    public void Window_SmallerGrant_TakesNothingBack()
    {
        CommandWindow window = new(10, 8);
        window.Grant(0);
        window.Grant(2);
        Assert.AreEqual(17u, window.MaxCmdSN);
    }

    [TestMethod]
    public void InitiatorWindow_Updates_NeverGoBack()
    {
        InitiatorCommandWindow window = new(0xffff_ffff);
        Assert.IsFalse(window.CanSend);
        window.Update(0xffff_ffff, 1);
        Assert.AreEqual(0xffff_ffffu, window.Take());
        Assert.AreEqual(0u, window.Take());
        Assert.AreEqual(1u, window.Take());
        Assert.IsFalse(window.CanSend);
        window.Update(0, 0);
        Assert.AreEqual(1u, window.MaxCmdSN);
        window.Update(5, 3);
        Assert.AreEqual(0u, window.ExpCmdSN, "MaxCmdSN below ExpCmdSN - 1: both ignored");
        window.Update(2, 2);
        Assert.IsTrue(window.CanSend);
        Assert.AreEqual(2u, window.ExpCmdSN);
    }
}
