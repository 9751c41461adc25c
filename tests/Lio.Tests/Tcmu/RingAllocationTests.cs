using Microsoft.Extensions.Logging.Abstractions;
using TgtModular.Lio.Tcmu;
using TgtModular.Scsi;

namespace TgtModular.Lio.Tests.Tcmu;

/// <summary>Steady state allocates nothing on the managed heap.</summary>
[TestClass]
[DoNotParallelize]
public sealed class RingAllocationTests
{
    private const int Rounds = 20_000;
    private const int Depth = 16;

    [TestMethod]
    [DataRow(RamDevice.Read, false)]
    [DataRow(RamDevice.Write, false)]
    [DataRow(RamDevice.Read, true)]
    public async Task Commands_LessThanOneByteEach(byte operationCode, bool inOrder)
    {
        // The kernel's double allocates, so it answers nothing here: entries are written once, and go round and round.
        using KernelRing kernel = new();
        await using RingBench bench = await RingBench.StartAsync(kernel: kernel);
        for (int i = 0; i < Depth; i++)
        {
            bool reads = operationCode == RamDevice.Read;
            kernel.Send(RingBench.Cdb10(operationCode, i * 8, 8), reads ? default : new byte[4096], reads ? 4096 : 0);
        }

        Replay replay = new(kernel);
        RingServer server = new(
            kernel.Mapping, kernel.Open(), replay, new RingTarget("ring", bench.Nexus, Lun.FromNumber(2), NullLogger.Instance), inOrder);
        for (int i = 0; i < 2000; i++) Round(server, replay);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Rounds; i++) Round(server, replay);
        long bytes = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.AreEqual((Rounds + 2000L) * Depth, replay.Answered);
        Assert.IsLessThan((long)Rounds * Depth, bytes, $"{bytes} bytes for {Rounds * Depth} commands");
    }

    private static void Round(RingServer server, Replay replay)
    {
        replay.Again();
        server.Serve();
    }

    /// <summary>Puts the same entries into the next part of the ring each time.</summary>
    private sealed class Replay : IDoorbell
    {
        private readonly KernelRing _kernel;
        private readonly byte[] _entries;
        private readonly uint _size;
        private uint _head;

        public Replay(KernelRing kernel)
        {
            _kernel = kernel;
            _entries = kernel.Mapping.GetSpan(KernelRing.At(0), (int)kernel.Head).ToArray();
            _size = kernel.Mapping.Read32(RingLayout.RingSizeOffset);
            kernel.SetHead(0);
        }

        public long Answered { get; private set; }

        public void Again()
        {
            if (_head + _entries.Length > _size)
            {
                _kernel.Mapping.Write32(KernelRing.At(_head), _size - _head);
                _kernel.Mapping.Write32(KernelRing.At(_head) + 4, 0);
                _head = 0;
            }

            _entries.CopyTo(_kernel.Mapping.GetSpan(KernelRing.At(_head), _entries.Length));
            for (int i = 0; i < Depth; i++)
            {
                // The CDB moved with its entry.
                uint entry = _head + (uint)(i * (_entries.Length / Depth));
                _kernel.Mapping.Write32(KernelRing.At(entry) + RingLayout.CdbOffsetOffset, (uint)KernelRing.At(entry) + RingLayout.MinCommandLength);
            }

            _head = (_head + (uint)_entries.Length) % _size;
            _kernel.SetHead(_head);
            Answered += Depth;
        }

        public bool Ring() => true;
    }
}
