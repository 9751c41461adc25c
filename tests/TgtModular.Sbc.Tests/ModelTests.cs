using FsCheck;
using FsCheck.Fluent;

namespace TgtModular.Sbc.Tests;

/// <summary>Random sequences of commands against a model that is only an array of blocks.</summary>
[TestClass]
public sealed class ModelTests
{
    private const int BlockCount = 48;

    public enum Kind
    {
        Read,
        Write,
        WriteSame,
        WriteZeroes,
        Unmap,
        CompareAndWriteEqual,
        CompareAndWriteDifferent,
        OrWrite,
        WriteAndVerify,
        VerifyEqual,
        Synchronize,
    }

    /// <summary>One step.</summary>
    public sealed record Step(Kind Kind, int Lba, int Blocks, byte Value, bool ForceUnitAccess);

    [TestMethod]
    [DataRow(512, true, true)]
    [DataRow(2048, true, true)]
    [DataRow(512, false, true)]
    [DataRow(512, true, false)]
    public void Commands_AgainstAModel_SameBytesAndDurability(int granularity, bool writeZeroes, bool writeCache)
    {
        Gen<Step> step =
            from kind in Gen.Elements(Enum.GetValues<Kind>())
            from lba in Gen.Choose(0, BlockCount + 1)
            from blocks in Gen.Choose(0, 9)
            from value in Gen.Choose(0, 255)
            from fua in Gen.Elements(false, true)
            select new Step(kind, lba, blocks, (byte)value, fua);
        Config config = Config.QuickThrowOnFailure.WithMaxTest(150).WithReplay(0x5EED_0001, 0x5EED_0003);
        Prop.ForAll(step.ListOf().ToArbitrary(), steps => RunAsync([.. steps], granularity, writeZeroes, writeCache).GetAwaiter().GetResult()).Check(config);
    }

    private static async Task<bool> RunAsync(Step[] steps, int granularity, bool writeZeroes, bool writeCache)
    {
        StoreCapabilities capabilities = MemoryBlockStore.EveryAbility & ~(writeZeroes ? StoreCapabilities.None : StoreCapabilities.WriteZeroes);
        MemoryBlockStore store = new(BlockCount * 512, capabilities);
        store.Info = store.Info with { DiscardGranularity = granularity, MaximumTransferLength = 1024 };
        await using DiskBench bench = await DiskBench.CreateAsync(store, new() { ["write_cache"] = writeCache });
        byte[] model = new byte[BlockCount * 512];
        foreach (Step step in steps)
        {
            CommandResult result = await ApplyAsync(bench, step, model);
            Expect(step, result, model);
            if (step.Kind != Kind.Read && result.Outcome.IsGood) Change(step, model);
            AssertSame(model, store.Cached(0, model.Length), step.ToString());
            bool durable = !writeCache || step.Kind is Kind.Synchronize or Kind.WriteAndVerify;
            if (!InRange(step) || !result.Outcome.IsGood) continue;
            if (durable || (step.ForceUnitAccess && step.Kind is (Kind.Write or Kind.OrWrite or Kind.CompareAndWriteEqual)))
                AssertSame(model[Bytes(step)], store.Durable(step.Lba * 512, step.Blocks * 512), step.ToString());
        }

        return true;
    }

    private static bool InRange(Step step) => step.Lba < BlockCount && step.Lba + step.Blocks <= BlockCount;

    private static Range Bytes(Step step) => InRange(step) ? (step.Lba * 512)..((step.Lba + step.Blocks) * 512) : 0..0;

    /// <summary>A block of the value, but for its first byte: so that OR and compare see more than one pattern.</summary>
    private static byte[] Data(Step step)
    {
        byte[] data = new byte[step.Blocks * 512];
        Array.Fill(data, step.Value);
        for (int i = 0; i < data.Length; i += 512) data[i] = (byte)(i >> 9);
        return data;
    }

    private static ValueTask<CommandResult> ApplyAsync(DiskBench bench, Step step, byte[] model)
    {
        byte flags = (byte)(step.ForceUnitAccess ? 0x08 : 0);
        byte[] present = InRange(step) ? model[Bytes(step)] : new byte[step.Blocks * 512];
        switch (step.Kind)
        {
            case Kind.Read: return bench.RunAsync(Cdb.Range16(0x88, step.Lba, step.Blocks, flags));
            case Kind.Write: return bench.RunAsync(Cdb.Range10(0x2A, step.Lba, step.Blocks, flags), Data(step));
            case Kind.WriteSame: return bench.RunAsync(Cdb.Range16(0x93, step.Lba, step.Blocks), bench.Blocks(1, step.Value));
            case Kind.WriteZeroes: return bench.RunAsync(Cdb.Range16(0x93, step.Lba, step.Blocks, step.ForceUnitAccess ? (byte)0x09 : (byte)0x01));
            case Kind.Unmap: return bench.RunAsync(Cdb.Unmap(24), Cdb.UnmapList((step.Lba, step.Blocks)));
            case Kind.CompareAndWriteEqual:
                return bench.RunAsync(Cdb.CompareAndWrite(step.Lba, (byte)step.Blocks, flags), [.. present, .. Data(step)]);
            case Kind.CompareAndWriteDifferent:
                if (present.Length > 0) present[present.Length / 2] ^= 0x10;
                return bench.RunAsync(Cdb.CompareAndWrite(step.Lba, (byte)step.Blocks, flags), [.. present, .. Data(step)]);
            case Kind.OrWrite: return bench.RunAsync(Cdb.Range16(0x8B, step.Lba, step.Blocks, flags), Data(step));
            case Kind.WriteAndVerify: return bench.RunAsync(Cdb.Range16(0x8E, step.Lba, step.Blocks, 0x02), Data(step));
            case Kind.VerifyEqual: return bench.RunAsync(Cdb.Range16(0x8F, step.Lba, step.Blocks, 0x02), present);
            default: return bench.RunAsync(Cdb.Range16(0x91, step.Lba, step.Blocks));
        }
    }

    private static void AssertSame(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual, string step)
    {
        int same = expected.CommonPrefixLength(actual);
        if (same < expected.Length || expected.Length != actual.Length)
            Assert.Fail($"{step}: byte {same} differs, or {actual.Length} bytes instead of {expected.Length}");
    }

    private static void Expect(Step step, CommandResult result, byte[] model)
    {
        bool exists = InRange(step) || (step.Kind == Kind.Unmap && step.Lba == BlockCount && step.Blocks == 0);
        if (!exists)
        {
            Assert.AreEqual(ScsiOutcome.Check(Sense.LbaOutOfRange), result.Outcome, step.ToString());
            return;
        }

        if (step.Kind == Kind.CompareAndWriteDifferent && step.Blocks > 0)
        {
            Assert.AreEqual(ScsiOutcome.Check(Sense.MiscompareDuringVerify(step.Blocks * 512 / 2)), result.Outcome, step.ToString());
            return;
        }

        Assert.AreEqual(ScsiOutcome.Good, result.Outcome, step.ToString());
        if (step.Kind == Kind.Read) AssertSame(model[Bytes(step)], result.DataIn, step.ToString());
    }

    private static void Change(Step step, byte[] model)
    {
        // A zero length of WRITE SAME goes to the end.
        int blocks = step.Blocks == 0 && step.Kind is (Kind.WriteSame or Kind.WriteZeroes) ? BlockCount - step.Lba : step.Blocks;
        if (step.Lba >= BlockCount) return;
        Span<byte> bytes = model.AsSpan(step.Lba * 512, blocks * 512);
        switch (step.Kind)
        {
            case Kind.Write or Kind.CompareAndWriteEqual or Kind.WriteAndVerify:
                Data(step).CopyTo(bytes);
                break;
            case Kind.WriteSame:
                bytes.Fill(step.Value);
                break;
            case Kind.WriteZeroes or Kind.Unmap:
                bytes.Clear();
                break;
            case Kind.OrWrite:
                byte[] data = Data(step);
                for (int i = 0; i < bytes.Length; i++) bytes[i] |= data[i];
                break;
        }
    }
}
