using System.Buffers.Binary;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TgtModular.Scsi;
using TgtModular.TestKit;

namespace Samples.Zoned.Tests;

/// <summary>What the disk says about itself, byte by byte.</summary>
[TestClass]
public sealed class ReportTests
{
    private const int Zones = Disk.ZoneCount;

    [TestMethod]
    public async Task ReportZones_AllZones_IsLaidOutAsTheStandardSays()
    {
        await using Disk disk = await Disk.OpenAsync();
        await disk.WriteAsync(Disk.Start(2), 3, 1);
        await disk.ZoneAsync(ZonedOpCode.FinishZone, 3);

        byte[] data = await ReportAsync(disk, 0, 0, 4096);

        Assert.HasCount(64 + (64 * Zones), data);
        Assert.AreEqual("000003C0" + "03" + "000000" + "00000000000000EF" + Zeroes(48), Convert.ToHexString(data, 0, 64), "the header");
        Assert.AreEqual("0100" + Zeroes(6) + "0000000000000010" + "0000000000000000" + "FFFFFFFFFFFFFFFF" + Zeroes(32), Descriptor(data, 0), "a conventional zone");
        Assert.AreEqual("0220" + Zeroes(6) + "0000000000000010" + "0000000000000020" + "0000000000000023" + Zeroes(32), Descriptor(data, 2), "an open zone");
        Assert.AreEqual("02E0" + Zeroes(6) + "0000000000000010" + "0000000000000030" + "FFFFFFFFFFFFFFFF" + Zeroes(32), Descriptor(data, 3), "a full zone");
        Assert.AreEqual("0210" + Zeroes(6) + "0000000000000010" + "00000000000000E0" + "00000000000000E0" + Zeroes(32), Descriptor(data, 14), "an empty zone");
    }

    [TestMethod]
    [DataRow(0x00, "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14")]
    [DataRow(0x01, "7 8 9 10 11 12 13 14")]
    [DataRow(0x02, "2")]
    [DataRow(0x03, "3")]
    [DataRow(0x04, "4")]
    [DataRow(0x05, "5 6")]
    [DataRow(0x06, "")]
    [DataRow(0x07, "")]
    [DataRow(0x08, "")]
    [DataRow(0x10, "")]
    [DataRow(0x11, "")]
    [DataRow(0x3E, "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14")]
    [DataRow(0x3F, "0 1")]
    public async Task ReportZones_WithAnOption_ListsTheseZones(int option, string zones)
    {
        await using Disk disk = await Disk.OpenAsync();
        await disk.WriteAsync(Disk.Start(4), 1, 1);
        await disk.ZoneAsync(ZonedOpCode.CloseZone, 4);
        await disk.WriteAsync(Disk.Start(5), Disk.ZoneBlocks, 1);
        await disk.ZoneAsync(ZonedOpCode.FinishZone, 6);
        await disk.ZoneAsync(ZonedOpCode.OpenZone, 3);
        await disk.WriteAsync(Disk.Start(2), 1, 1);

        byte[] data = await ReportAsync(disk, 0, (byte)option, 4096);

        int[] expected = [.. zones.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)];
        CollectionAssert.AreEqual(expected, ZonesOf(data));
        Assert.AreEqual(64 * expected.Length, BinaryPrimitives.ReadInt32BigEndian(data));
    }

    [TestMethod]
    public async Task ReportZones_OptionsThatDoNotExist_AreRefused()
    {
        await using Disk disk = await Disk.OpenAsync();
        foreach (int option in Enumerable.Range(0, 0x40).Except([0, 1, 2, 3, 4, 5, 6, 7, 8, 0x10, 0x11, 0x3E, 0x3F]))
        {
            CommandResult result = await disk.Driver.RunAsync(Disk.Cdb(ZonedOpCode.ZoneManagementIn, 0, 0, 4096, (byte)option));
            Assert.AreEqual(ScsiOutcome.Check(Sense.InvalidFieldInCdb(14, 5)), result.Outcome, $"option {option:X2}h");
        }
    }

    [TestMethod]
    public async Task ReportZones_FromABlockWithinAZone_BeginsWithThatZone()
    {
        await using Disk disk = await Disk.OpenAsync();

        CollectionAssert.AreEqual(new[] { 13, 14 }, ZonesOf(await ReportAsync(disk, Disk.Start(13) + 5, 0, 4096)));
        Assert.AreEqual(1, (await ReportAsync(disk, Disk.Start(13), 0, 4096))[4], "SAME: of one type");
        Assert.AreEqual(1, (await ReportAsync(disk, 0, 0x3F, 4096))[4], "SAME: conventional zones only");
        foreach (long beyond in new[] { Disk.Start(Zones), -1, long.MaxValue })
        {
            CommandResult result = await disk.Driver.RunAsync(Disk.Cdb(ZonedOpCode.ZoneManagementIn, 0, beyond, 4096));
            Assert.AreEqual(ScsiOutcome.Check(Sense.LbaOutOfRange), result.Outcome);
        }
    }

    [TestMethod]
    public async Task ReportZones_CutOff_SaysHowLongItIsUnlessPartial()
    {
        await using Disk disk = await Disk.OpenAsync();
        byte[] whole = await ReportAsync(disk, 0, 0, 4096);
        foreach (int length in new[] { 0, 1, 8, 63, 64, 65, 127, 128, 129, 300, 1023, 1024, 1025 })
        {
            CollectionAssert.AreEqual(whole[..Math.Min(length, whole.Length)], await ReportAsync(disk, 0, 0, length), $"{length} bytes");

            byte[] partial = await ReportAsync(disk, 0, 0x80, length);
            int listed = Math.Clamp((length - 64) / 64, 0, Zones);
            Assert.HasCount(length < 64 ? length : 64 + (64 * listed), partial);
            if (length >= 4) Assert.AreEqual(64 * listed, BinaryPrimitives.ReadInt32BigEndian(partial), $"PARTIAL, {length} bytes");
            if (length >= 64) CollectionAssert.AreEqual(whole[64..partial.Length], partial[64..]);
        }
    }

    [TestMethod]
    public async Task ReadCapacity_TellsAllZones()
    {
        await using Disk disk = await Disk.OpenAsync();
        byte[] data = (await disk.Driver.RunAsync(Disk.Cdb(0x9E, 0x10, 0, 32))).DataIn;
        Assert.AreEqual("00000000000000EF" + "00001000" + "10" + "00" + "0000" + Zeroes(16), Convert.ToHexString(data), "RC BASIS is 1: the last block of all zones");
    }

    [TestMethod]
    [DataRow(false, 3L, "01000000FFFFFFFFFFFFFFFF00000003")]
    [DataRow(true, 0L, "00000000FFFFFFFFFFFFFFFFFFFFFFFF")]
    public async Task Inquiry_TellsAHostManagedZonedDisk(bool constrained, long open, string zoned)
    {
        await using Disk disk = await Disk.OpenAsync(null, ("constrained_reads", constrained), ("max_open", open));
        byte[] standard = await InquiryAsync(disk, null);
        byte[] characteristics = await InquiryAsync(disk, 0xB1);

        Assert.AreEqual(0x14, standard[0]);
        Assert.Contains("06000660", Convert.ToHexString(standard, 58, 16), "version descriptors of SBC-4 and ZBC-2");
        Assert.AreEqual("14B6003C" + zoned + Zeroes(44), Convert.ToHexString(await InquiryAsync(disk, 0xB6)));
        Assert.AreEqual("14B0003C" + "00000000" + "00000100" + Zeroes(52), Convert.ToHexString(await InquiryAsync(disk, 0xB0)), "256 blocks in one command");
        Assert.AreEqual(0, characteristics[8] & 0x30, "ZONED is zero where the device type says it");
        Assert.AreEqual("00808386B0B1B6", Convert.ToHexString((await InquiryAsync(disk, 0x00)).AsSpan(4)));
    }

    private static string Zeroes(int bytes) => new('0', 2 * bytes);

    private static string Descriptor(byte[] data, int zone) => Convert.ToHexString(data, 64 + (64 * zone), 64);

    private static int[] ZonesOf(byte[] data) => [.. data.Skip(64).Chunk(64).Select(bytes => (int)(Disk.Parse(bytes).Start / Disk.ZoneBlocks))];

    private static async Task<byte[]> ReportAsync(Disk disk, long block, byte options, int length)
    {
        CommandResult result = await disk.Driver.RunAsync(Disk.Cdb(ZonedOpCode.ZoneManagementIn, 0, block, (uint)length, options));
        Assert.AreEqual(ScsiOutcome.Good, result.Outcome);
        return result.DataIn;
    }

    private static async Task<byte[]> InquiryAsync(Disk disk, byte? page) =>
        (await disk.Driver.RunAsync(new byte[] { 0x12, (byte)(page is null ? 0 : 1), page ?? 0, 1, 0, 0 })).DataIn;
}
