using BenchmarkDotNet.Attributes;
using TgtModular.Buffers;
using TgtModular.Core.Buffers;

namespace TgtModular.Benchmarks.Micro;

/// <summary>A buffer rented and given back; 32 at a time, as a batch of commands does. Per buffer.</summary>
public class PoolParts
{
    private const int Batch = 32;

    private readonly BufferPool _pool = new(64 << 20);
    private readonly DataBuffer[] _rented = new DataBuffer[Batch];

    [Params(4096, 262144)]
    public int Length { get; set; }

    [Benchmark(OperationsPerInvoke = Batch)]
    public void RentAndReturn()
    {
        for (int i = 0; i < Batch; i++) _rented[i] = _pool.TryRent(Length, "bench")!;
        foreach (DataBuffer buffer in _rented) buffer.Dispose();
    }
}
