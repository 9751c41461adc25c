using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Tests.Wire;

/// <summary>Makes PDUs that are nearly right.</summary>
internal sealed class PduMutator(Random random, WireInitiator initiator)
{
    private static readonly string[] Texts =
    [
        "SendTargets=All", "SendTargets=", "MaxRecvDataSegmentLength=512", "InitiatorName=iqn.2026-11.org.example:x", "TargetName=iqn.2026-11.org.example:fuzz",
        "SessionType=Discovery", "AuthMethod=CHAP,None", "CHAP_A=5,6,7,8", "CHAP_N=a", "CHAP_R=0x0123", "HeaderDigest=CRC32C", "MaxBurstLength=0",
        "InitialR2T=Maybe",
        "=", "X-a=b", "FirstBurstLength=99999999999999999999", "ErrorRecoveryLevel=0x2",
    ];

    /// <summary>The next PDU, and whether its lengths and digests are right.</summary>
    public (byte[] Pdu, bool Framed) Next(bool loggedIn)
    {
        byte[] bhs = new byte[BasicHeader.Length];
        byte[] data = new byte[random.Next(3) == 0 ? random.Next(5000) : 0];
        byte[] ahs = [];
        random.NextBytes(data);
        WriteTemplate(loggedIn ? random.Next(9) : 7, bhs, ref data, ref ahs);
        if (random.Next(4) != 0) MutateHeader(bhs);
        bhs[4] = (byte)(ahs.Length / 4);
        bhs[5] = (byte)(data.Length >> 16);
        bhs[6] = (byte)(data.Length >> 8);
        bhs[7] = (byte)data.Length;
        bool framed = random.Next(5) != 0;
        if (!framed && random.Next(2) == 0) bhs[random.Next(4, 8)] ^= (byte)(1 << random.Next(8)); // the lengths lie
        byte[] pdu = initiator.Frame(bhs, data, ahs);
        if (!framed) pdu[random.Next(pdu.Length)] ^= (byte)(1 << random.Next(8)); // after the digests
        if (!framed && random.Next(4) == 0) pdu = pdu[..random.Next(1, pdu.Length)];
        return (pdu, framed);
    }

    private void WriteTemplate(int kind, byte[] bhs, ref byte[] data, ref byte[] ahs)
    {
        bool immediate = random.Next(3) == 0;
        uint tag = (uint)random.Next(40);
        ulong lun = (ulong)random.Next(3) << 48;
        InitiatorSequence sequence = new(immediate ? initiator.CmdSN : initiator.CmdSN++, initiator.ExpStatSN);
        switch (kind)
        {
            case 0 or 1 or 2:
                WriteCommand(bhs, immediate, lun, tag, sequence, ref data, ref ahs);
                break;
            case 3:
                DataOutWriter.Write(
                    bhs, random.Next(2) == 0, lun, tag, random.Next(2) == 0 ? BasicHeader.ReservedTag : (uint)random.Next(1, 6), 0, (uint)random.Next(3),
                    (uint)(512 * random.Next(20)), data.Length);
                break;
            case 4:
                TaskManagementRequestWriter.Write(bhs, immediate, (TaskManagementFunction)random.Next(14), lun, tag, sequence, (uint)random.Next(40),
                    sequence.CmdSN - 1);
                break;
            case 5:
                NopOutWriter.Write(bhs, immediate, lun, random.Next(4) == 0 ? BasicHeader.ReservedTag : tag, BasicHeader.ReservedTag, sequence, data.Length);
                break;
            case 6:
                data = RandomText();
                TextRequestWriter.Write(
                    bhs, immediate, (TextFlags)(random.Next(4) << 6), tag, random.Next(2) == 0 ? BasicHeader.ReservedTag : (uint)random.Next(4), sequence,
                    data.Length);
                break;
            case 7:
                data = RandomText();
                LoginRequestWriter.Write(
                    bhs, (LoginFlags)(random.Next(4) << 6), (LoginStage)random.Next(2), (LoginStage)(1 + (2 * random.Next(2))), initiator.Isid,
                    (ushort)random.Next(3), tag, 1,
                    sequence, data.Length);
                break;
            default:
                if (random.Next(8) == 0) LogoutRequestWriter.Write(bhs, immediate, (LogoutReason)random.Next(4), tag, 1, sequence);
                else SnackRequestWriter.Write(bhs, (SnackType)random.Next(4), lun, tag, BasicHeader.ReservedTag, 0, 0, 1);
                break;
        }
    }

    private void WriteCommand(byte[] bhs, bool immediate, ulong lun, uint tag, in InitiatorSequence sequence, ref byte[] data, ref byte[] ahs)
    {
        byte operationCode = (byte)(random.Next(5) switch { 0 => 0x28, 1 or 2 => 0x2A, 3 => 0x53, _ => 0x12 });
        ScsiCommandFlags flags = operationCode switch
        {
            0x2A => ScsiCommandFlags.Write,
            0x53 => ScsiCommandFlags.Write | ScsiCommandFlags.Read,
            _ => ScsiCommandFlags.Read,
        };
        if (random.Next(3) != 0) flags |= ScsiCommandFlags.Final;
        if ((flags & ScsiCommandFlags.Write) == 0) data = [];
        ushort blocks = (ushort)random.Next(60);
        if (operationCode == 0x53)
        {
            ahs = new byte[ScsiCommandAhs.GetLength(0, true)];
            ScsiCommandAhs.Write(ahs, default, (uint)random.Next(40000));
        }

        ScsiCommandWriter.Write(
            bhs, immediate, flags, TaskAttribute.Simple, lun, tag, (uint)(random.Next(3) == 0 ? random.Next(60000) : blocks * 512), sequence,
            WireInitiator.Cdb10(operationCode, (uint)random.Next(2100), blocks), data.Length);
    }

    private void MutateHeader(byte[] bhs)
    {
        int count = random.Next(3);
        for (int i = 0; i < count; i++) bhs[random.Next(BasicHeader.Length)] ^= (byte)(1 << random.Next(8));
        if (random.Next(20) == 0) random.NextBytes(bhs);
    }

    private byte[] RandomText()
    {
        string[] pairs = [.. Enumerable.Range(0, random.Next(6)).Select(_ => Texts[random.Next(Texts.Length)])];
        byte[] text = WireInitiator.Text(pairs);
        if (text.Length > 0 && random.Next(4) == 0) text[random.Next(text.Length)] = (byte)random.Next(256);
        return text;
    }
}
