using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Tests.Wire;

namespace TgtModular.Iscsi.Tests;

/// <summary>Data-In and its status (RFC 7143 sections 11.4 and 11.7).</summary>
[TestClass]
public sealed class ReadTests
{
    [TestMethod]
    public async Task ScsiCommand_Read_StatusRidesOnLastDataIn()
    {
        await using Bench bench = new();
        Random.Shared.NextBytes(bench.Target.Disk);
        using WireInitiator initiator = await bench.LoginAsync();

        uint tag = await initiator.ReadAsync(3, 8);

        ReceivedPdu data = await initiator.ReceiveAsync(Opcode.DataIn);
        Assert.AreEqual(tag, data.Tag);
        Assert.AreEqual(DataInFlags.Final | DataInFlags.Status, data.DataIn.Flags);
        Assert.AreEqual(0, data.DataIn.Status);
        CollectionAssert.AreEqual(bench.Target.Disk[(3 * 512)..(11 * 512)], data.Data);
    }

    [TestMethod]
    public async Task ScsiCommand_Write_ReadsBackTheSame()
    {
        await using Bench bench = new();
        using WireInitiator initiator = await bench.LoginAsync();
        byte[] data = new byte[4096];
        Random.Shared.NextBytes(data);

        await initiator.WriteAsync(16, 8, data);
        ReceivedPdu response = await initiator.ReceiveAsync(Opcode.ScsiResponse);

        Assert.AreEqual(0, response.Response.Status);
        CollectionAssert.AreEqual(data, bench.Target.Disk[(16 * 512)..(24 * 512)]);
    }
}
