using TgtModular.ContractShapes.Engine;
using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.ContractShapes.Devices;

[TestClass]
public sealed class ObjectDeviceTests
{
    private readonly ObjectDevice _device = new();
    private readonly DirectTransport _initiator;

    public ObjectDeviceTests() => _initiator = new DirectTransport(new MiniTarget("target", (0, _device)));

    [TestMethod]
    public async Task Write_DataBothWays_HasTwoBuffersAndTwoResiduals()
    {
        Reply write = await _initiator.RunAsync(ObjectDevice.Cdb(ObjectDevice.Write, 7, 3000, attributesOut: 4, attributesIn: 4), [.. new byte[3000], 1, 2, 3, 4], 100);
        Assert.AreEqual(ScsiOutcome.Good, write.Outcome);
        CollectionAssert.AreEqual(new byte[] { 1, 2, 3, 4 }, write.DataIn);
        Assert.AreEqual(96, write.ResidualIn);
        Assert.AreEqual(0, write.ResidualOut);
        Reply read = await _initiator.RunAsync(ObjectDevice.Cdb(ObjectDevice.Read, 7, 3000, attributesOut: 2, attributesIn: 4), [9, 9], 3002);
        CollectionAssert.AreEqual(new byte[] { 9, 9 }, read.DataIn[3000..]);
    }

    [TestMethod]
    public async Task Cdb_OfAnotherLength_IsRefusedByTheTable()
    {
        byte[] cdb = ObjectDevice.Cdb(ObjectDevice.Read, 7, 0, 0, 0);
        cdb[7] = 100;
        Assert.AreEqual(ScsiOutcome.Check(Sense.InvalidFieldInCdb(7)), (await _initiator.RunAsync(cdb)).Outcome);
        Assert.AreEqual(SenseKey.IllegalRequest, (await _initiator.RunAsync(ObjectDevice.Cdb(ObjectDevice.Read, 7, 0, 0, 0)[..32])).Outcome.Sense.Key);
    }

    [TestMethod]
    public async Task Cdb_BitThatNobodyLooksAt_IsFoundFarBehind()
    {
        byte[] cdb = ObjectDevice.Cdb(ObjectDevice.Read, 7, 0, 0, 0);
        cdb[188] = 0x10;
        Assert.AreEqual(ScsiOutcome.Check(Sense.InvalidFieldInCdb(188, 4)), (await _initiator.RunAsync(cdb)).Outcome);
    }

    [TestMethod]
    public void ServiceActions_AreRowsOfOneOperationCode()
    {
        Assert.IsTrue(_device.Commands.HasServiceActions(OpCode.VariableLength));
        CommandDescriptor row = _device.Commands.Find(OpCode.VariableLength, ObjectDevice.Write)!;
        Assert.AreEqual(0x88, row.UsageMask.Span[8]);
        Assert.AreEqual(0x86, row.UsageMask.Span[9]);
        Assert.IsNull(_device.Commands.Find(ObjectDevice.Cdb(0x1234, 0, 0, 0, 0), out SenseData refusal));
        Assert.AreEqual(Sense.InvalidFieldInCdb(8), refusal);
    }
}
