using System.Buffers.Binary;
using System.Text;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Interop.Fuzz;

/// <summary>A header and a data segment that are still free of faults.</summary>
internal sealed class RawPdu
{
    public byte[] Bhs { get; } = new byte[BasicHeader.Length];

    public byte[] Ahs { get; set; } = [];

    public byte[] Data { get; set; } = [];
}

/// <summary>Sound PDUs of every kind an initiator sends: what the mutations begin with.</summary>
internal sealed class PduTemplates(Random random, string targetName)
{
    private const ulong Lun1 = 1UL << 48;
    private const int BlockLength = 512;
    private const int SmallUnitBlocks = 2048;

    /// <summary>A PDU of the full feature phase; it takes <paramref name="sequence"/>'s CmdSN.</summary>
    public RawPdu FullFeature(uint tag, in InitiatorSequence sequence)
    {
        RawPdu pdu = new();
        switch (random.Next(16))
        {
            case 0:
                pdu.Data = RandomBytes(random.Next(64));
                NopOutWriter.Write(pdu.Bhs, immediate: Chance(2), 0, tag, BasicHeader.ReservedTag, sequence, pdu.Data.Length);
                break;
            case 1:
                DataOut(pdu, tag, sequence.ExpStatSN);
                break;
            case 2:
                TaskManagementRequestWriter.Write(
                    pdu.Bhs, immediate: Chance(2), (TaskManagementFunction)random.Next(0, 12), Lun1, tag, sequence, (uint)random.Next(8), sequence.CmdSN - 1);
                break;
            case 3:
                pdu.Data = Encoding.ASCII.GetBytes(Chance(2) ? "SendTargets=All\0" : "MaxRecvDataSegmentLength=4096\0X-unknown=1\0");
                TextRequestWriter.Write(pdu.Bhs, immediate: Chance(2), TextFlags.Final, tag, BasicHeader.ReservedTag, sequence, pdu.Data.Length);
                break;
            case 4:
                SnackRequestWriter.Write(pdu.Bhs, (SnackType)random.Next(4), Lun1, tag, BasicHeader.ReservedTag, sequence.ExpStatSN, 0, 1);
                break;
            case 5 when Chance(8):
                LogoutRequestWriter.Write(pdu.Bhs, immediate: Chance(2), (LogoutReason)random.Next(4), tag, 0, sequence);
                break;
            case 6 when Chance(8):
                return Login(sequence);
            default:
                Command(pdu, tag, sequence);
                break;
        }

        return pdu;
    }

    /// <summary>A login request as the first of a connection.</summary>
    public RawPdu Login(in InitiatorSequence sequence)
    {
        RawPdu pdu = new();
        LoginStage stage = Chance(2) ? LoginStage.SecurityNegotiation : LoginStage.OperationalNegotiation;
        StringBuilder text = new("InitiatorName=iqn.2026-11.org.tgtmodular:fuzz\0");
        _ = text.Append(Chance(3) ? "SessionType=Discovery\0" : $"SessionType=Normal\0TargetName={targetName}\0");
        string[] keys = stage == LoginStage.SecurityNegotiation
            ? ["AuthMethod=CHAP,None", "AuthMethod=None", "AuthMethod=CHAP", "CHAP_A=5,7", "CHAP_N=x", "CHAP_R=0x00", "CHAP_I=1", "CHAP_C=0xffff"]
            :
            [
                "HeaderDigest=CRC32C,None", "DataDigest=None", "MaxConnections=8", "InitialR2T=No", "ImmediateData=Yes", "MaxRecvDataSegmentLength=512",
                "MaxBurstLength=16776192", "FirstBurstLength=65536", "DefaultTime2Wait=2", "DefaultTime2Retain=0", "MaxOutstandingR2T=65535",
                "DataPDUInOrder=Yes", "DataSequenceInOrder=No", "ErrorRecoveryLevel=2", "TaskReporting=FastAbort", "iSCSIProtocolLevel=2", "X#odd=?",
            ];
        for (int count = random.Next(6); count > 0; count--)
            _ = text.Append(keys[random.Next(keys.Length)]).Append('\0');
        pdu.Data = Encoding.ASCII.GetBytes(text.ToString());
        LoginRequestWriter.Write(
            pdu.Bhs, Chance(3) ? LoginFlags.None : LoginFlags.Transit, stage,
            stage == LoginStage.SecurityNegotiation ? LoginStage.OperationalNegotiation : LoginStage.FullFeaturePhase,
            new Isid((ulong)random.Next()), 0, 1, 0, sequence, pdu.Data.Length);
        return pdu;
    }

    private void Command(RawPdu pdu, uint tag, in InitiatorSequence sequence)
    {
        byte[] cdb = new byte[16];
        uint expected = 0;
        ScsiCommandFlags flags = ScsiCommandFlags.Final;
        switch (random.Next(7))
        {
            case 0:
                ReadOrWrite(cdb, isWrite: false, out expected);
                flags |= ScsiCommandFlags.Read;
                break;
            case 1 or 2:
                ReadOrWrite(cdb, isWrite: true, out expected);
                flags |= ScsiCommandFlags.Write;
                // Whole, in part, or none of it: then an R2T follows that nobody answers.
                pdu.Data = RandomBytes((int)Math.Min(expected, (uint)random.Next(3) * 4096));
                break;
            case 3 or 4:
                expected = (uint)random.Next(512);
                byte[] opcodes = [0x00, 0x03, 0x12, 0x1a, 0x25, 0x37, 0x4d, 0x5a, 0x5e, 0x9e, 0xa0, 0xa3, 0x3c, 0x84, 0x9b];
                cdb[0] = opcodes[random.Next(opcodes.Length)];
                random.NextBytes(cdb.AsSpan(1, 3));
                cdb[cdb[0] < 0x20 ? 4 : cdb[0] < 0x60 ? 8 : cdb[0] < 0xa0 ? 13 : 9] = (byte)expected;
                flags |= ScsiCommandFlags.Read;
                break;
            case 5:
                ParameterOut(cdb, pdu);
                expected = (uint)pdu.Data.Length;
                flags |= ScsiCommandFlags.Write;
                break;
            default:
                random.NextBytes(cdb);
                expected = (uint)random.Next(1024);
                flags |= Chance(2) ? ScsiCommandFlags.Read : ScsiCommandFlags.Write;
                break;
        }

        ScsiCommandWriter.Write(
            pdu.Bhs, immediate: Chance(8), flags, (TaskAttribute)random.Next(5), Chance(8) ? 0 : Lun1, tag, expected, sequence, cdb, pdu.Data.Length);
    }

    private void ReadOrWrite(byte[] cdb, bool isWrite, out uint expected)
    {
        int blocks = random.Next(1, 17);
        int lba = random.Next(SmallUnitBlocks);
        byte[] opcodes = isWrite ? [0x0a, 0x2a, 0xaa, 0x8a, 0x2e, 0x8e, 0x89, 0x41, 0x93] : [0x08, 0x28, 0xa8, 0x88, 0x2f, 0x8f];
        cdb[0] = opcodes[random.Next(opcodes.Length)];
        Span<byte> at = cdb;
        switch (cdb[0] >> 5)
        {
            case 0:
                BinaryPrimitives.WriteUInt16BigEndian(at[2..], (ushort)lba);
                cdb[4] = (byte)blocks;
                break;
            case 1 or 2:
                BinaryPrimitives.WriteInt32BigEndian(at[2..], lba);
                BinaryPrimitives.WriteUInt16BigEndian(at[7..], (ushort)blocks);
                break;
            case 4:
                BinaryPrimitives.WriteInt64BigEndian(at[2..], lba);
                BinaryPrimitives.WriteInt32BigEndian(at[10..], blocks);
                break;
            default:
                BinaryPrimitives.WriteInt32BigEndian(at[2..], lba);
                BinaryPrimitives.WriteInt32BigEndian(at[6..], blocks);
                break;
        }

        expected = (uint)(blocks * BlockLength);
    }

    /// <summary>UNMAP, MODE SELECT, PERSISTENT RESERVE OUT with a parameter list that is nearly right.</summary>
    private void ParameterOut(byte[] cdb, RawPdu pdu)
    {
        (byte opcode, int length, int lengthAt)[] commands = [(0x42, 24, 8), (0x15, 24, 4), (0x55, 28, 8), (0x5f, 24, 8)];
        (cdb[0], int length, int lengthAt) = commands[random.Next(commands.Length)];
        cdb[1] = (byte)random.Next(0x20);
        cdb[lengthAt] = (byte)length;
        pdu.Data = new byte[length];
        if (cdb[0] == 0x42)
        {
            pdu.Data[1] = (byte)(length - 2);
            pdu.Data[3] = (byte)(length - 8);
            BinaryPrimitives.WriteInt64BigEndian(pdu.Data.AsSpan(8), random.Next(SmallUnitBlocks));
            BinaryPrimitives.WriteInt32BigEndian(pdu.Data.AsSpan(16), random.Next(64));
        }
        else
        {
            random.NextBytes(pdu.Data);
        }
    }

    private void DataOut(RawPdu pdu, uint tag, uint expStatSN)
    {
        pdu.Data = RandomBytes(random.Next(1024));
        DataOutWriter.Write(
            pdu.Bhs, isFinal: Chance(2), Lun1, tag - (uint)random.Next(8), Chance(2) ? BasicHeader.ReservedTag : (uint)random.Next(16), expStatSN,
            (uint)random.Next(2), (uint)(random.Next(4) * 512), pdu.Data.Length);
    }

    private byte[] RandomBytes(int length)
    {
        byte[] bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    private bool Chance(int oneIn) => random.Next(oneIn) == 0;
}
