namespace TgtModular.Abstractions.Tests;

[TestClass]
public sealed class CommandTableTests
{
    [TestMethod]
    public void Find_SingleRow_ByOperationCode()
    {
        CommandTable table = new([Row(0x28, "28 18 FFFFFFFF 1F FFFF 00"), Row(0x00, "000000000000")]);
        Assert.AreEqual(0x28, table.Find([0x28, 0x1F], out _)!.OperationCode);
        Assert.IsNull(table.Find([0x29], out SenseData refusal));
        Assert.AreEqual(Sense.InvalidOperationCode, refusal);
        Assert.IsNull(table.Find([], out refusal));
        Assert.AreEqual(Sense.InvalidOperationCode, refusal);
        CollectionAssert.AreEqual(new byte[] { 0x00, 0x28 }, table.Descriptors.Select(row => row.OperationCode).ToArray());
    }

    [TestMethod]
    public void Find_ServiceActions_ByBothNumbers()
    {
        CommandTable table = new([Row(0x9E, "9E000000000000000000000000000000", 0x12), Row(0x9E, "9E000000000000000000000000000000", 0x10)]);
        Assert.AreEqual(0x10, table.Find([0x9E, 0xF0], out _)!.ServiceAction);
        Assert.IsNull(table.Find([0x9E, 0x11], out SenseData refusal));
        Assert.AreEqual(Sense.InvalidFieldInCdb(1, 4), refusal);
        Assert.IsNull(table.Find([0x9E], out refusal));
        Assert.IsTrue(table.HasServiceActions(0x9E));
        Assert.IsFalse(table.HasServiceActions(0x28));
        Assert.IsNotNull(table.Find(0x9E, 0x12));
        Assert.IsNull(table.Find(0x9E, null));
        Assert.AreEqual("9E10", Convert.ToHexString(table.Descriptors[0].UsageMask.Span[..2]));
    }

    [TestMethod]
    public void Find_VariableLength_ByTheLongServiceAction()
    {
        CommandTable table = new([Row(0x7F, new string('0', 64), 0x8801)]);
        byte[] cdb = new byte[32];
        cdb[0] = 0x7F;
        cdb[7] = 24;
        cdb[8] = 0x88;
        cdb[9] = 0x01;
        CommandDescriptor row = table.Find(cdb, out _)!;
        Assert.IsTrue(CommandTable.IsAcceptable(row, cdb, out _));
        cdb[7] = 28;
        Assert.IsFalse(CommandTable.IsAcceptable(row, cdb, out SenseData refusal));
        Assert.AreEqual(Sense.InvalidFieldInCdb(7), refusal);
        cdb[9] = 2;
        Assert.IsNull(table.Find(cdb, out refusal));
        Assert.AreEqual(Sense.InvalidFieldInCdb(8), refusal);
        Assert.IsNull(table.Find(cdb.AsSpan(0, 9), out _));
    }

    [TestMethod]
    public void IsAcceptable_EveryBit_IsAllowedExactlyWhereTheMaskHasIt()
    {
        CommandTable table = new([Row(0x28, "28 18 FFFFFFFF 1F FFFF 00")]);
        CommandDescriptor row = table.Descriptors[0];
        for (int bit = 8; bit < 80; bit++)
        {
            byte[] cdb = new byte[10];
            cdb[0] = 0x28;
            cdb[bit / 8] = (byte)(1 << (bit % 8));
            bool allowed = (row.UsageMask.Span[bit / 8] & (1 << (bit % 8))) != 0;
            Assert.AreEqual(allowed, CommandTable.IsAcceptable(row, cdb, out SenseData refusal));
            if (!allowed) Assert.AreEqual(Sense.InvalidFieldInCdb(bit / 8, bit % 8), refusal);
        }
    }

    [TestMethod]
    public void IsAcceptable_ServiceActionField_IsNotTakenForIllegalBits()
    {
        CommandTable table = new([Row(0x9E, "9E 00 FFFFFFFFFFFFFFFF FFFFFFFF 00 00", 0x10)]);
        byte[] cdb = new byte[16];
        cdb[0] = 0x9E;
        cdb[1] = 0x10;
        Assert.IsTrue(CommandTable.IsAcceptable(table.Descriptors[0], cdb, out _));
        cdb[1] = 0x90;
        Assert.IsFalse(CommandTable.IsAcceptable(table.Descriptors[0], cdb, out SenseData refusal));
        Assert.AreEqual(Sense.InvalidFieldInCdb(1, 7), refusal);
    }

    [TestMethod]
    public void IsAcceptable_CdbTooShort_PointsBehindIt()
    {
        CommandTable table = new([Row(0x28, "28 18 FFFFFFFF 1F FFFF 00")]);
        Assert.IsFalse(CommandTable.IsAcceptable(table.Descriptors[0], [0x28, 0, 0], out SenseData refusal));
        Assert.AreEqual(Sense.InvalidFieldInCdb(3), refusal);
    }

    [TestMethod]
    public void Rows_ThatClash_AreRefused()
    {
        Assert.ThrowsExactly<ArgumentException>(() => new CommandTable([Row(0x28, new string('0', 20)), Row(0x28, new string('0', 20))]));
        Assert.ThrowsExactly<ArgumentException>(() => new CommandTable([Row(0x9E, new string('0', 32), 1), Row(0x9E, new string('0', 32), 1)]));
        Assert.ThrowsExactly<ArgumentException>(() => new CommandTable([Row(0x9E, new string('0', 32)), Row(0x9E, new string('0', 32), 1)]));
        Assert.ThrowsExactly<ArgumentException>(() => new CommandTable([Row(0x28, "2800")]));
    }

    private static CommandDescriptor Row(byte operationCode, string mask, int? serviceAction = null) => new()
    {
        OperationCode = operationCode,
        ServiceAction = serviceAction,
        Name = "TEST",
        UsageMask = Convert.FromHexString(mask.Replace(" ", "", StringComparison.Ordinal)),
        Handler = _ => default,
    };
}
