using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace TgtModular.Sbc.Tests;

/// <summary>
/// Numbers that leave the process are frozen in files under Golden. A wanted change: run with TGT_UPDATE_GOLDEN=1 and look at the difference.
/// </summary>
[TestClass]
public sealed class GoldenTests
{
    [TestMethod]
    public async Task CommandTable_IsFrozen()
    {
        await using DiskBench bench = await DiskBench.CreateAsync();
        StringBuilder text = new();
        foreach (CommandDescriptor row in bench.Server.Commands.Descriptors)
        {
            string action = row.ServiceAction is { } value ? value.ToString("X2", CultureInfo.InvariantCulture) : "--";
            text.Append(CultureInfo.InvariantCulture, $"{row.OperationCode:X2} {action} {Convert.ToHexString(row.UsageMask.Span),-32} ");
            text.Append(CultureInfo.InvariantCulture, $"{row.Direction,-4} {row.Serialization,-10} {row.Reservation,-7} {row.UnitAttention,-7} ");
            text.Append(CultureInfo.InvariantCulture, $"{(row.NeedsMedium ? "medium" : "      ")} {row.Name}\n");
        }

        Compare("commands.txt", text.ToString());
    }

    [TestMethod]
    public async Task InquiryModeAndLogPages_AreFrozen()
    {
        StringBuilder text = new();
        await using (DiskBench bench = await DiskBench.CreateAsync()) await DescribeAsync(text, "thin disk with a volatile cache", bench);
        MemoryBlockStore plain = new(3 << 20, StoreCapabilities.Write);
        plain.Info = plain.Info with { PhysicalBlockLength = 8192, OptimalTransferLength = 65536, RotationRate = 1 };
        await using (DiskBench bench = await DiskBench.CreateAsync(plain, new() { ["block_size"] = 4096L, ["removable"] = true, ["readonly"] = true }))
            await DescribeAsync(text, "removable read-only disk of 4096 byte blocks on a plain store", bench);
        Compare("pages.txt", text.ToString());
    }

    private static async Task DescribeAsync(StringBuilder text, string title, DiskBench bench)
    {
        text.Append(CultureInfo.InvariantCulture, $"# {title}\n");
        await AddAsync(text, bench, "standard INQUIRY", "12 00 00 00FF 00");
        foreach (byte code in (await bench.GoodAsync("12 01 00 00FF 00")).DataIn[4..])
            await AddAsync(text, bench, $"VPD {code:X2}", $"12 01 {code:X2} 00FF 00");
        for (int control = 0; control < 4; control++)
            await AddAsync(text, bench, $"mode pages, PC {control}", $"1A 00 {(control << 6) | 0x3F:X2} FF FF 00");
        byte[] pages = (await bench.GoodAsync("4D 00 40 FF 00 0000 00FF 00")).DataIn;
        for (int at = 4; at < pages.Length; at += 2)
            await AddAsync(text, bench, $"log {pages[at]:X2}/{pages[at + 1]:X2}", $"4D 00 {0x40 | pages[at]:X2} {pages[at + 1]:X2} 00 0000 00FF 00");
        await AddAsync(text, bench, "READ CAPACITY(10)", "25 00 00000000 0000 00 00");
        await AddAsync(text, bench, "READ CAPACITY(16)", "9E 10 0000000000000000 00000020 00 00");
    }

    private static async Task AddAsync(StringBuilder text, DiskBench bench, string title, string cdb)
    {
        byte[] data = (await bench.GoodAsync(cdb)).DataIn;
        text.Append(CultureInfo.InvariantCulture, $"{title}\n");
        foreach (byte[] line in data.Chunk(16)) text.Append(CultureInfo.InvariantCulture, $"    {Convert.ToHexString(line)}\n");
    }

    private static void Compare(string name, string actual, [CallerFilePath] string source = "")
    {
        if (Environment.GetEnvironmentVariable("TGT_UPDATE_GOLDEN") == "1")
            File.WriteAllText(Path.Combine(Path.GetDirectoryName(source)!, "Golden", name), actual);
        string path = Path.Combine(AppContext.BaseDirectory, "Golden", name);
        Assert.AreEqual(File.ReadAllText(path), actual, name);
    }
}
