using TgtModular.Iscsi.Protocol.Digests;
using TgtModular.Iscsi.Protocol.Framing;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Protocol.Tests.Framing;

namespace TgtModular.Iscsi.Protocol.Tests.Fuzz;

/// <summary>Mutated PDUs: the framer and the header views never throw, never read past the buffer and allocate nothing.</summary>
[TestClass]
public sealed class PduFuzzTests
{
    private const int Rounds = 120_000;
    private static readonly Opcode[] Opcodes = Enum.GetValues<Opcode>();

    [TestMethod]
    public void Pdus_Mutated_AreReadOrRefusedWithoutThrowing()
    {
        Random random = new(20261122);
        byte[] buffer = new byte[2048];
        int headersRead = 0;
        long allocated = 0;
        for (int round = 0; round < Rounds; round++)
        {
            FramingLimits limits = new(512, 64, HeaderDigest: random.Next(2) == 0, DataDigest: random.Next(2) == 0);
            int length = Build(random, buffer, limits);
            long before = GC.GetAllocatedBytesForCurrentThread();
            if (Examine(buffer.AsSpan(0, length), limits))
                headersRead++;
            allocated += GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.IsTrue(headersRead > Rounds / 2, $"only {headersRead} of {Rounds} headers passed: the test does not reach what lies behind");
        Assert.AreEqual(0, allocated);
    }

    /// <summary>A PDU of random fields, some bytes flipped; the header digest is mostly made right again.</summary>
    private static int Build(Random random, byte[] buffer, in FramingLimits limits)
    {
        int ahsWords = random.Next(4) == 0 ? random.Next(18) : 0;
        int dataLength = random.Next(3) == 0 ? random.Next(530) : 0;
        PduLayout layout = PduLayout.Create(ahsWords, dataLength, limits.HeaderDigest, limits.DataDigest);
        Span<byte> pdu = buffer.AsSpan(0, layout.TotalLength);
        random.NextBytes(pdu);
        pdu[0] = (byte)Opcodes[random.Next(Opcodes.Length)];
        pdu[4] = (byte)ahsWords;
        pdu[5] = 0;
        pdu[6] = (byte)(dataLength >> 8);
        pdu[7] = (byte)dataLength;
        for (int flips = random.Next(6) == 0 ? random.Next(1, 5) : 0; flips > 0; flips--)
            pdu[random.Next(pdu.Length)] ^= (byte)(1 << random.Next(8));
        if (limits.HeaderDigest && random.Next(8) != 0)
            PduFramer.WriteHeaderDigest(pdu[..layout.HeaderLength]);
        if (layout.DataDigestLength != 0 && random.Next(4) != 0)
        {
            Crc32C crc = default;
            crc.Append(pdu.Slice(layout.HeaderLength, dataLength));
            PduFramer.WriteTrailer(pdu[(layout.HeaderLength + dataLength)..], layout, crc);
        }

        return random.Next(10) == 0 ? random.Next(pdu.Length) : pdu.Length;
    }

    private static bool Examine(ReadOnlySpan<byte> buffer, in FramingLimits limits)
    {
        bool isHeader = PduFramer.TryReadHeader(buffer, limits, out PduHeaderFrame header, out FramingOutcome headerOutcome);
        bool isWhole = PduFramer.TryRead(buffer, limits, out PduFrame frame, out FramingOutcome outcome);
        if (isHeader)
        {
            Check(headerOutcome.ConsumedBytes <= buffer.Length && header.Layout.DataSegmentLength <= limits.MaxDataSegmentLength);
            Check(header.Ahs.Length <= limits.MaxAhsLength);
            _ = ScsiCommandAhs.TryRead(header.Ahs, out ScsiCommandAhs _);
            Touch(header.Bhs);
        }

        if (isWhole)
        {
            Check(isHeader && outcome.ConsumedBytes == frame.Layout.TotalLength && outcome.ConsumedBytes <= buffer.Length);
            _ = SenseSegment.TryRead(frame.Data, out ReadOnlySpan<byte> _, out ReadOnlySpan<byte> _);
        }
        else
        {
            Check(outcome.MissingBytes > 0 == (outcome.Error == FramingError.None));
            Check(outcome.MissingBytes <= BasicHeader.Length + limits.MaxAhsLength + limits.MaxDataSegmentLength + 12);
        }

        return isHeader;
    }

    /// <summary>Reads every property of every view.</summary>
    private static void Touch(ReadOnlySpan<byte> bhs)
    {
        ulong sum = (ulong)(byte)new BasicHeader(bhs).Opcode + new BasicHeader(bhs).Lun;
        ScsiCommandHeader command = new(bhs);
        sum += (ulong)(byte)command.Flags + (byte)command.Attribute + command.Priority + command.ExpectedDataTransferLength + command.Cdb[15];
        ScsiResponseHeader response = new(bhs);
        sum += (ulong)(byte)response.Flags + response.Status + response.StatusQualifier + response.SnackTag + response.ResidualCount;
        LoginRequestHeader login = new(bhs);
        sum += (ulong)(byte)login.Flags + (byte)login.CurrentStage + (byte)login.NextStage + login.Isid.Value + login.Tsih + login.Cid;
        sum += (ulong)new LoginResponseHeader(bhs).Status + (byte)new LoginResponseHeader(bhs).Status.Class();
        sum += new DataOutHeader(bhs).BufferOffset + new DataInHeader(bhs).DataSN + new ReadyToTransferHeader(bhs).DesiredDataTransferLength;
        sum += (ulong)(byte)new TaskManagementRequestHeader(bhs).Function + new TaskManagementRequestHeader(bhs).RefCmdSN;
        sum += (ulong)new TaskManagementResponseHeader(bhs).AdditionalResponseInformation;
        sum += (ulong)(byte)new TextRequestHeader(bhs).Flags + new TextResponseHeader(bhs).TargetTransferTag;
        sum += new LogoutRequestHeader(bhs).Cid + (ulong)new LogoutResponseHeader(bhs).Time2RetainSeconds;
        sum += new NopOutHeader(bhs).InitiatorTaskTag + new NopInHeader(bhs).TargetTransferTag;
        sum += (ulong)(byte)new RejectHeader(bhs).Reason + (byte)new AsyncMessageHeader(bhs).Event + new SnackRequestHeader(bhs).RunLength;
        GC.KeepAlive(sum == 0 ? Opcodes : null);
    }

    private static void Check(bool condition)
    {
        if (!condition)
            Assert.Fail("An invariant of framing does not hold.");
    }

    [TestMethod]
    public void Framing_RandomChunks_GivesTheSamePdusAsOneBuffer()
    {
        Random random = new(5);
        FramingLimits limits = new(8192, 64, HeaderDigest: true, DataDigest: true);
        List<byte> stream = [];
        List<int> lengths = [];
        for (int index = 0; index < 300; index++)
        {
            int dataLength = random.Next(3) == 0 ? 0 : random.Next(5000);
            stream.AddRange(PduBuilder.DataOut(limits, dataLength, 4 * random.Next(3)));
            lengths.Add(dataLength);
        }

        byte[] all = [.. stream];
        List<int> read = [];
        int arrived = 0;
        int begin = 0;
        while (begin < all.Length)
        {
            if (PduFramer.TryRead(all.AsSpan(begin, arrived - begin), limits, out PduFrame frame, out FramingOutcome outcome))
            {
                read.Add(frame.Data.Length);
                begin += outcome.ConsumedBytes;
                continue;
            }

            Assert.AreEqual(FramingError.None, outcome.Error);
            Assert.IsTrue(arrived + outcome.MissingBytes <= all.Length);
            arrived = Math.Min(all.Length, arrived + Math.Max(1, random.Next(3000)));
        }

        CollectionAssert.AreEqual(lengths, read);
    }
}
