using BenchmarkDotNet.Attributes;
using TgtModular.Iscsi.Protocol.Digests;

namespace TgtModular.Benchmarks.Micro;

/// <summary>CRC32C over a header, a block and a burst.</summary>
public class DigestParts
{
    private byte[] _data = [];

    [Params(48, 4096, 262144)]
    public int Length { get; set; }

    [GlobalSetup]
    public void Fill()
    {
        _data = new byte[Length];
        new Random(1).NextBytes(_data);
    }

    [Benchmark]
    public uint Crc32COfData() => Crc32C.Compute(_data);
}
