using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.TestKit;

internal static class EndureCases
{
    private const int FuzzSteps = 3000;
    private const int LongestFuzzData = 1 << 14;

    /// <summary>Random CDBs, most of them near what the table has, with random data: each is answered; the seed repeats them.</summary>
    public static async Task FuzzAsync(DeviceFixture fixture, int seed)
    {
        Random random = new(seed);
        IReadOnlyList<CommandDescriptor> rows = fixture.Server.Commands.Descriptors;
        for (int step = 0; step < FuzzSteps; step++)
        {
            CommandDescriptor row = rows[random.Next(rows.Count)];
            byte[] cdb = Mutate(random, row);
            long wanted = cdb.Length == row.UsageMask.Length ? Math.Clamp(row.DataLength(cdb).Out, 0, LongestFuzzData) : 0;
            byte[] data = new byte[random.Next(4) == 0 ? random.NextInt64(wanted + 1) : wanted];
            if (random.Next(2) == 0) random.NextBytes(data);
            await fixture.RunAsync(cdb, data, random.Next(4) == 0 ? random.Next(4096) : null);
        }

        CheckAttentions(fixture);
    }

    public static async Task ResetAsync(DeviceFixture fixture)
    {
        byte[] before = await fixture.DataAsync([OpCode.Inquiry, 0, 0, 0xFF, 0xFF, 0]);
        TestNexus gone = new("iqn.2026-11.org.example:gone", relativePort: 2);
        fixture.Server.NexusLost(gone);
        fixture.Server.Reset();
        fixture.Server.NexusLost(fixture.Driver.Nexus);
        fixture.Server.Reset();
        CollectionAssert.AreEqual(before, await fixture.DataAsync([OpCode.Inquiry, 0, 0, 0xFF, 0xFF, 0]), "INQUIRY after resets");
        await PrimaryCases.TestUnitReadyAsync(fixture);
    }

    public static async Task AbortedAsync(DeviceFixture fixture)
    {
        foreach (CommandDescriptor row in fixture.Server.Commands.Descriptors)
        {
            byte[] cdb = DeviceFixture.Cdb(row);
            using TestCommand command = fixture.Driver.Create(cdb);
            command.Abort();
            // Any outcome will do: nobody sees it. That it ends is what task management waits for.
            await fixture.Driver.RunAsync(command).AsTask().WaitAsync(fixture.Patience);
        }
    }

    public static void PublishesGeometry(DeviceFixture fixture)
    {
        Assert.IsNotNull(fixture.Unit.Geometry, "a device server publishes its geometry when it is made: transports describe units by it");
        Assert.IsTrue(fixture.Unit.Geometry.BlockLength >= 0 && fixture.Unit.Geometry.BlockCount >= 0, $"{fixture.Unit.Geometry}");
    }

    private static byte[] Mutate(Random random, CommandDescriptor row)
    {
        byte[] cdb = DeviceFixture.Cdb(row);
        for (int i = 1; i < cdb.Length; i++)
        {
            if (random.Next(3) > 0) cdb[i] |= (byte)(random.Next(256) & row.UsageMask.Span[i] & (random.Next(2) == 0 ? 0x0F : 0xFF));
        }

        if (random.Next(10) == 0) cdb[random.Next(1, cdb.Length)] ^= (byte)(1 << random.Next(8));
        return random.Next(50) == 0 ? cdb[..random.Next(1, cdb.Length)] : cdb;
    }

    /// <summary>Unit attentions have codes of their own (SAM-5 section 5.14, SPC-4 annex F).</summary>
    private static void CheckAttentions(DeviceFixture fixture)
    {
        foreach (EstablishedAttention attention in fixture.Unit.Attentions)
        {
            Assert.IsTrue(attention.Additional.Code is >= 0x28 and <= 0x3F or 0x5A or 0x5B or 0x67, $"{attention.Additional} is no unit attention");
            Assert.AreEqual(attention.Scope != UnitAttentionScope.All, attention.Nexus is not null, $"{attention.Additional}: a nexus goes with its scope");
        }
    }
}
