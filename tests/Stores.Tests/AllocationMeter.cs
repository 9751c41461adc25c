using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

/// <summary>Measures what calls of a store leave on the managed heap.</summary>
internal static class AllocationMeter
{
    private const int BlockLength = 4096;

    /// <summary>Alternating writes and reads of 4 KiB over the store's first 16 MiB.</summary>
    /// <returns>Allocated bytes per call on the calling thread.</returns>
    public static double Measure(IBlockStore store, TestHost host, int operations = 1_000_000)
    {
        using DiagnosticBuffer buffer = host.Buffers.Rent(new byte[BlockLength]);
        Run(store, buffer, operations / 50);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(store, buffer, operations);
        return (GC.GetAllocatedBytesForCurrentThread() - before) / (double)operations;
    }

    private static void Run(IBlockStore store, DiagnosticBuffer buffer, int count)
    {
        long span = Math.Min(store.Length, 16 << 20) / BlockLength;
        for (int i = 0; i < count; i++)
        {
            long offset = i % span * BlockLength;
            ValueTask<StorageResult> call = i % 2 == 0
                ? store.WriteAsync(offset, buffer.Slice(), WriteOptions.None, CancellationToken.None)
                : store.ReadAsync(offset, buffer.Slice(), CancellationToken.None);
            Assert.IsTrue(call.IsCompletedSuccessfully && call.Result.IsOk);
        }
    }
}
