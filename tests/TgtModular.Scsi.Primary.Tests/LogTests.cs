namespace TgtModular.Scsi.Primary.Tests;

[TestClass]
public sealed class LogTests
{
    [TestMethod]
    [DataRow("4D 00 40 00 00 0000 00FF 00", "80 00 0003 00 0D 2F")]
    [DataRow("4D 00 40 FF 00 0000 00FF 00", "C0 FF 000E 0000 00FF 0D00 0D01 0DFF 2F00 2FFF")]
    [DataRow("4D 00 4D FF 00 0000 00FF 00", "CD FF 0006 0D00 0D01 0DFF")]
    [DataRow("4D 00 4D 00 00 0000 00FF 00", "8D 00 000C 0001 00 02 AABB 0005 02 02 CCDD")]
    [DataRow("4D 00 4D 01 00 0000 00FF 00", "CD 01 0005 0003 03 01 11")]
    [DataRow("4D 00 4D 00 00 0002 00FF 00", "8D 00 0006 0005 02 02 CCDD")]
    [DataRow("4D 00 6F 00 00 0000 00FF 00", "AF 00 0000")]
    [DataRow("4D 00 4D 00 00 0000 0006 00", "8D 00 000C 0001")]
    public async Task LogSense_Pages(string cdb, string expected)
    {
        using RowBench bench = Create();
        CollectionAssert.AreEqual(RowBench.Hex(expected), await bench.GoodAsync(cdb));
    }

    [TestMethod]
    [DataRow("4D 00 00 00 00 0000 00FF 00", 2, 7)]
    [DataRow("4D 00 80 00 00 0000 00FF 00", 2, 7)]
    [DataRow("4D 00 41 00 00 0000 00FF 00", 2, 5)]
    [DataRow("4D 00 41 FF 00 0000 00FF 00", 2, 5)]
    [DataRow("4D 00 4D 07 00 0000 00FF 00", 3, null)]
    [DataRow("4D 00 4D 00 00 0006 00FF 00", 5, null)]
    [DataRow("4D 00 40 00 00 0001 00FF 00", 5, null)]
    [DataRow("4D 01 4D 00 00 0000 00FF 00", 1, 0)]
    public async Task LogSense_WhatIsNotThere_InvalidField(string cdb, int at, int? bit)
    {
        using RowBench bench = Create();
        await bench.SenseAsync(Sense.InvalidFieldInCdb(at, bit), cdb);
    }

    [TestMethod]
    public void Add_WrongCodes_AreRefused()
    {
        LogPageSet pages = new();
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pages.Add(0, 0, _ => []));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => pages.Add(1, 0xFF, _ => []));
    }

    private static RowBench Create() => new(new LogPageSet()
        .Add(0x0D, 0, _ =>
        [
            new(1, LogParameterFormat.BoundedCounter, [0xAA, 0xBB]),
            new(5, LogParameterFormat.UnboundedCounter, [0xCC, 0xDD]),
        ])
        .Add(0x0D, 1, _ => [new(3, LogParameterFormat.BinaryList, [0x11])])
        .Add(0x2F, 0, _ => [])
        .Row());
}
