using BenchmarkDotNet.Attributes;
using TgtModular.Scsi;

namespace TgtModular.Benchmarks.Micro;

/// <summary>Sense data made and written, in both formats.</summary>
public class SenseParts
{
    private readonly byte[] _sense = new byte[SenseData.MaxLength];

    [Params(false, true)]
    public bool DescriptorFormat { get; set; }

    [Benchmark]
    public int InvalidField() => Sense.InvalidFieldInCdb(2, 3).Write(_sense, DescriptorFormat);
}
