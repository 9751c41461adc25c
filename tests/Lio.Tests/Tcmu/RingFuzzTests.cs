using System.Globalization;
using System.Runtime.InteropServices;
using TgtModular.Lio.Tcmu;

namespace TgtModular.Lio.Tests.Tcmu;

/// <summary>
/// Damaged rings: whatever stands in the shared memory, every access stays within it, the kernel's part of the mailbox is never written, and a device is
/// either served or fenced. The seed is fixed; <c>FUZZ_RINGS</c> sets how many rings there are.
/// </summary>
[TestClass]
public sealed class RingFuzzTests
{
    private const int Seed = 6;
    private const int RingLength = 4096;
    private const int Pages = 8;

    private static readonly int[] Fields =
    [
        0, RingLayout.IdentifierOffset, RingLayout.KernelFlagsOffset, RingLayout.VectorCountOffset, RingLayout.BidirectionalCountOffset,
        RingLayout.ProtectionCountOffset, RingLayout.CdbOffsetOffset, RingLayout.CdbOffsetOffset + 4, RingLayout.VectorsOffset, RingLayout.VectorsOffset + 4,
        RingLayout.VectorsOffset + 8, RingLayout.VectorsOffset + 12,
    ];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    public async Task MutatedEntries_AreServedOrFenced()
    {
        int count = int.Parse(Environment.GetEnvironmentVariable("FUZZ_RINGS") ?? "4000", CultureInfo.InvariantCulture);
        await using RingBench bench = await RingBench.StartAsync();
        Random random = new(Seed);
        int fenced = 0;
        for (int i = 0; i < count; i++)
        {
            using KernelRing kernel = new(RingLength, Pages, (MailboxFlags)random.Next(16));
            Fill(kernel, random);
            if (Serve(kernel, bench, random)) fenced++;
        }

        TestContext.WriteLine($"{fenced} of {count} rings were fenced");
        Assert.IsGreaterThan(count / 4, fenced, "the mutations do too little");
        Assert.IsLessThan(count, fenced, "the mutations do too much");
        Assert.IsNotNull((await bench.DoAsync(RingBench.Cdb10(RamDevice.Read, 0, 1), dataIn: 512)).Data);
    }

    [TestMethod]
    public async Task RandomBytes_WholeRing_IsFencedOrServed()
    {
        await using RingBench bench = await RingBench.StartAsync();
        Random random = new(Seed);
        for (int i = 0; i < 2000; i++)
        {
            using KernelRing kernel = new(RingLength, Pages);
            random.NextBytes(kernel.Mapping.GetSpan(KernelRing.At(0), RingLength - 128));
            kernel.SetHead((uint)random.Next(0, RingLength / 8) * 8);
            Serve(kernel, bench, random);
        }
    }

    private static bool Serve(KernelRing kernel, RingBench bench, Random random)
    {
        if (!TcmuRing.TryOpen(kernel.Mapping, out TcmuRing? ring, out _)) return true;
        RingTarget target = new("fuzz", bench.Nexus, Scsi.Lun.FromNumber(2), bench.Logger);
        RingServer server = new(kernel.Mapping, ring, kernel, target, inOrder: random.Next(2) == 0);
        byte[] mailbox = kernel.Mapping.GetSpan(0, RingLayout.TailOffset).ToArray();
        for (int i = 0; i < 8 && server.Serve() is ServeResult.More or ServeResult.Stalled; i++)
        {
        }

        Assert.AreEqual(0, server.InFlight);
        CollectionAssert.AreEqual(mailbox, kernel.Mapping.GetSpan(0, RingLayout.TailOffset).ToArray(), "a handler writes only the tail");
        return server.Failure is not null;
    }

    private static void Fill(KernelRing kernel, Random random)
    {
        List<long> entries = [];
        int count = random.Next(1, 8);
        for (int i = 0; i < count; i++)
        {
            entries.Add(KernelRing.At(kernel.Head));
            if (random.Next(8) == 0) kernel.SendTaskManagement((RingFunction)random.Next(9), (ushort)random.Next(), (ushort)random.Next());
            else if (random.Next(2) == 0) kernel.Send(RingBench.Cdb10(RamDevice.Read, random.Next(8), 1), dataIn: 512);
            else kernel.Send(RingBench.Cdb10(RamDevice.Write, random.Next(8), 2), new byte[1024]);
        }

        for (int mutations = random.Next(0, 3); mutations > 0; mutations--)
        {
            long entry = entries[random.Next(entries.Count)];
            switch (random.Next(4))
            {
                case 0:
                    MemoryMarshal.Write(kernel.Mapping.GetSpan(entry + Fields[random.Next(Fields.Length)], 4), Odd(random));
                    break;
                case 1:
                    kernel.Mapping.Write8(entry + random.Next(112), (byte)random.Next(256));
                    break;
                case 2:
                    kernel.SetHead(Odd(random));
                    break;
                default:
                    kernel.Mapping.Write32(random.Next(2) == 0 ? RingLayout.RingSizeOffset : RingLayout.TailOffset, Odd(random));
                    break;
            }
        }
    }

    private static uint Odd(Random random) => random.Next(6) switch
    {
        0 => 0,
        1 => uint.MaxValue,
        2 => 0x8000_0000,
        3 => (uint)random.Next(0, RingLength * 2) & ~7u,
        4 => (uint)random.Next(0, RingLength + (Pages * KernelRing.PageLength) + 64),
        _ => (uint)random.NextInt64(uint.MaxValue),
    };
}
