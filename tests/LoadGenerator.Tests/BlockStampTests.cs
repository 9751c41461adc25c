using TgtModular.LoadGenerator.Load;

namespace TgtModular.LoadGenerator.Tests;

[TestClass]
public sealed class BlockStampTests
{
    private const int BlockLength = 512;

    [TestMethod]
    public void Check_BlocksAsFilled_FindsNothing()
    {
        byte[] data = Filled(firstBlock: 1000, writer: 3, generation: 7);

        Assert.IsNull(BlockStamp.Check(data, 1000, BlockLength, 3, 7));
        Assert.IsNull(BlockStamp.Check(data.AsSpan(BlockLength), 1001, BlockLength, 3, 7), "from the second block on");
    }

    [TestMethod]
    public void Check_EveryByteChanged_IsFound()
    {
        byte[] data = Filled(firstBlock: 5, writer: 1, generation: 1);
        for (int index = 0; index < data.Length; index++)
        {
            data[index] ^= 0x10;
            string? fault = BlockStamp.Check(data, 5, BlockLength, 1, 1);
            data[index] ^= 0x10;
            Assert.IsNotNull(fault, $"byte {index}");
            StringAssert.Contains(fault, $"block {5 + (index / BlockLength)}");
        }
    }

    [TestMethod]
    public void Check_StaleBlock_NamesTheOlderWrite()
    {
        byte[] data = Filled(firstBlock: 9, writer: 2, generation: 4);

        Assert.AreEqual("block 9 should be write 5 of session 2, but holds block 9, write 4 of session 2", BlockStamp.Check(data, 9, BlockLength, 2, 5));
    }

    [TestMethod]
    public void Check_MisplacedBlock_NamesWhereItBelongs()
    {
        byte[] data = Filled(firstBlock: 9, writer: 2, generation: 4);

        Assert.AreEqual("block 8 should be write 4 of session 2, but holds block 9, write 4 of session 2", BlockStamp.Check(data, 8, BlockLength, 2, 4));
    }

    [TestMethod]
    public void Check_TornBlock_IsFoundAtItsSecondHalf()
    {
        byte[] data = Filled(firstBlock: 9, writer: 2, generation: 4);
        Filled(firstBlock: 9, writer: 2, generation: 3).AsSpan(256, 256).CopyTo(data.AsSpan(256));

        Assert.AreEqual("block 9, write 4 of session 2: wrong from byte 256 on", BlockStamp.Check(data, 9, BlockLength, 2, 4));
    }

    private static byte[] Filled(ulong firstBlock, uint writer, uint generation)
    {
        byte[] data = new byte[3 * BlockLength];
        BlockStamp.Fill(data, firstBlock, BlockLength, writer, generation);
        return data;
    }
}
