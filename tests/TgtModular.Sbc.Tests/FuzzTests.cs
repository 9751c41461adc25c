namespace TgtModular.Sbc.Tests;

/// <summary>Random CDBs on every row: the disk never throws, never does GOOD with an illegal bit, never leaves the store's range.</summary>
[TestClass]
public sealed class FuzzTests
{
    [TestMethod]
    [DataRow(1, 512L)]
    [DataRow(2, 512L)]
    [DataRow(3, 4096L)]
    public async Task RandomCommands_AreAnsweredAndStayInRange(int seed, long blockSize)
    {
        using TestHost host = new();
        host.Buffers.SegmentLength = 3000;
        await using DiskBench bench = await DiskBench.CreateAsync(
            new MemoryBlockStore(1 << 18, MemoryBlockStore.EveryAbility), new() { ["block_size"] = blockSize, ["removable"] = true }, host,
            unit => unit.MaximumTransferLength = 1 << 16);
        Random random = new(seed);
        int good = 0;
        for (int i = 0; i < 10_000; i++)
        {
            if (i % 50 == 0) await MakeReadyAsync(bench);
            byte[] cdb = NextCdb(random, bench.Server.Commands);
            byte[] data = new byte[NextDataLength(random, bench, cdb)];
            if (random.Next(2) == 0) random.NextBytes(data);
            CommandResult result = await bench.RunAsync(cdb, data, random.Next(4) == 0 ? random.Next(4096) : null);
            Assert.IsEmpty(bench.Store.Violations, $"step {i}: {Convert.ToHexString(cdb)}");
            if (!result.Outcome.IsGood) continue;
            good++;
            Assert.IsTrue(IsLegal(bench.Server.Commands, cdb), $"GOOD with an illegal bit: {Convert.ToHexString(cdb)}");
        }

        Assert.IsGreaterThan(1000, good, "the fuzzer must reach the handlers");
    }

    /// <summary>Loads what random commands have ejected and formats what they left half formatted, or most of the walk would meet NOT READY.</summary>
    private static async Task MakeReadyAsync(DiskBench bench)
    {
        if ((await bench.RunAsync("00 00 00 00 00 00")).Outcome.IsGood) return;
        _ = await bench.RunAsync("1E 00 00 00 00 00");
        _ = await bench.RunAsync("1B 00 00 00 03 00");
        if (!(await bench.RunAsync("00 00 00 00 00 00")).Outcome.IsGood) _ = await bench.RunAsync("04 00 00 00 00 00");
    }

    private static bool IsLegal(CommandTable table, byte[] cdb)
    {
        CommandDescriptor row = table.Find(cdb, out _)!;
        ReadOnlySpan<byte> mask = row.UsageMask.Span;
        for (int i = 1; i < mask.Length; i++)
        {
            byte allowed = i == 1 && row.ServiceAction is not null ? (byte)(mask[i] | 0x1F) : mask[i];
            if ((cdb[i] & ~allowed) != 0) return false;
        }

        return true;
    }

    private static byte[] NextCdb(Random random, CommandTable table)
    {
        if (random.Next(20) == 0)
        {
            byte[] anything = new byte[random.Next(1, 33)];
            random.NextBytes(anything);
            return anything;
        }

        CommandDescriptor row = table.Descriptors[random.Next(table.Descriptors.Count)];
        byte[] cdb = new byte[row.UsageMask.Length];
        random.NextBytes(cdb);
        bool small = random.Next(3) > 0; // addresses and lengths that may exist
        for (int i = 1; i < cdb.Length; i++)
        {
            cdb[i] &= row.UsageMask.Span[i];
            if (small && i > 1 && i < cdb.Length - 2) cdb[i] &= random.Next(4) == 0 ? (byte)0x07 : (byte)0;
        }

        cdb[0] = row.OperationCode;
        if (row.ServiceAction is { } action) cdb[1] = (byte)((cdb[1] & 0xE0) | action);
        if (random.Next(10) == 0) cdb[random.Next(1, cdb.Length)] ^= (byte)(1 << random.Next(8));
        return random.Next(50) == 0 ? cdb[..random.Next(1, cdb.Length)] : cdb;
    }

    private static int NextDataLength(Random random, DiskBench bench, byte[] cdb)
    {
        if (random.Next(5) == 0) return random.Next(3000);
        CommandDescriptor? row = bench.Server.Commands.Find(cdb, out _);
        return row is null || cdb.Length < row.UsageMask.Length ? 0 : (int)Math.Min(row.DataLength(cdb).Out, 1 << 16);
    }
}
