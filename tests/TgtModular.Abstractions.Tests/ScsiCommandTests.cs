using TgtModular.Buffers;

namespace TgtModular.Abstractions.Tests;

[TestClass]
public sealed class ScsiCommandTests
{
    [TestMethod]
    [DataRow(10, 20, 10, 10L)]
    [DataRow(20, 20, 20, 0L)]
    [DataRow(20, 12, 12, -8L)]
    [DataRow(40, 12, 12, -18L)]
    public async Task Reply_CutsAtTheRoomAndTellsTheResidual(int available, int expected, int sent, long residual)
    {
        using TestCommand command = new() { ExpectedDataIn = expected };
        command.Grant(0, default, DataBuffer.Wrap(new byte[30]).Slice());
        byte[] data = [.. Enumerable.Range(1, available).Select(i => (byte)i)];
        Assert.AreEqual(ScsiOutcome.Good, await command.Reply(data));
        Assert.AreEqual(sent, command.SentDataIn);
        Assert.AreEqual(residual, command.ResidualIn);
        CollectionAssert.AreEqual(data[..sent], command.DataIn.Slice(0, sent).ToArray());
    }

    [TestMethod]
    public void SetCdb_LengthsAreChecked()
    {
        using TestCommand command = new();
        command.SetCdb([1, 2, 3]);
        Assert.AreEqual(3, command.Cdb.Length);
        command.SetCdb(new byte[ScsiCommand.MaxCdbLength]);
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => command.SetCdb([]));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => command.SetCdb(new byte[ScsiCommand.MaxCdbLength + 1]));
    }

    [TestMethod]
    public void Release_ForgetsTheLastUse()
    {
        using TestCommand command = new() { ExpectedDataIn = 5, ExpectedDataOut = 6, Tag = 7, Attribute = TaskAttribute.Ordered, TransportState = "x" };
        command.SetCdb([1]);
        command.Grant(9, DataBuffer.Wrap(new byte[4]).Slice(), DataBuffer.Wrap(new byte[4]).Slice());
        command.DataInLength = 3;
        command.Finish(Sense.LbaOutOfRange);
        command.Release();
        Assert.IsTrue(command.Cdb.IsEmpty && command.DataIn.IsEmpty && command.DataOut.IsEmpty);
        Assert.AreEqual(0, command.ExpectedDataIn + command.ExpectedDataOut + command.WantedDataOut + command.DataInLength + (long)command.Tag);
        Assert.AreEqual(ScsiOutcome.Good, command.Outcome);
        Assert.AreEqual(TaskAttribute.Untagged, command.Attribute);
        Assert.IsNull(command.TransportState);
    }
}
