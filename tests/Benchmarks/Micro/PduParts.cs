using BenchmarkDotNet.Attributes;
using TgtModular.Iscsi.Protocol.Framing;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Benchmarks.Micro;

/// <summary>A receive of 32 commands, taken apart; and the headers of their answers. Per command.</summary>
public class PduParts
{
    private const int Batch = 32;

    private readonly byte[] _commands = new byte[Batch * BasicHeader.Length];
    private readonly byte[] _answer = new byte[BasicHeader.Length];
    private readonly FramingLimits _limits = new(262144, 1020, HeaderDigest: false, DataDigest: false);

    public PduParts()
    {
        byte[] cdb = new byte[16];
        cdb[0] = 0x88;
        for (uint i = 0; i < Batch; i++)
        {
            ScsiCommandWriter.Write(
                _commands.AsSpan((int)i * BasicHeader.Length), immediate: false, ScsiCommandFlags.Read | ScsiCommandFlags.Final, TaskAttribute.Simple, 1UL << 48, i, 4096,
                new InitiatorSequence(i, 1), cdb, 0);
        }
    }

    [Benchmark(OperationsPerInvoke = Batch)]
    public uint ParseCommand()
    {
        uint sum = 0;
        ReadOnlySpan<byte> rest = _commands;
        while (PduFramer.TryRead(rest, _limits, out PduFrame frame, out _))
        {
            ScsiCommandHeader header = new(frame.Bhs);
            sum += header.InitiatorTaskTag + header.Sequence.CmdSN + header.ExpectedDataTransferLength;
            rest = rest[BasicHeader.Length..];
        }

        return sum;
    }

    [Benchmark]
    public byte WriteDataIn()
    {
        DataInWriter.Write(
            _answer, DataInFlags.Final | DataInFlags.Status, 0, 7, new TargetSequence(1, 2, 3), 0, 0, 4096);
        return _answer[0];
    }
}
