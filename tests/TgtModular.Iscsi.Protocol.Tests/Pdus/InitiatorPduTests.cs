using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Protocol.Tests.Pdus;

/// <summary>Golden bytes of the initiator's PDUs, derived by hand from the drawings of RFC 7143 section 11.</summary>
[TestClass]
public sealed class InitiatorPduTests
{
    private static readonly InitiatorSequence Sequence = new(0x01020304, 0x0a0b0c0d);

    [TestMethod]
    public void NopOut_Ping_MatchesLayout()
    {
        const string Golden = """
            40 80 00 00  00 00 00 05  00 01 00 00 00 00 00 00
            11 22 33 44  ff ff ff ff  01 02 03 04  0a 0b 0c 0d
            00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
            """;
        byte[] bhs = Hex.Dirty();
        NopOutWriter.Write(bhs, immediate: true, lun: 0x0001_0000_0000_0000, 0x11223344, BasicHeader.ReservedTag, Sequence, dataSegmentLength: 5);
        Hex.AssertEqual(Golden, bhs);

        NopOutHeader header = new(bhs);
        Assert.IsTrue(header.Basic.IsImmediate);
        Assert.AreEqual(Opcode.NopOut, header.Basic.Opcode);
        Assert.AreEqual(5, header.Basic.DataSegmentLength);
        Assert.AreEqual(0x0001_0000_0000_0000UL, header.Lun);
        Assert.AreEqual(0x11223344u, header.InitiatorTaskTag);
        Assert.AreEqual(BasicHeader.ReservedTag, header.TargetTransferTag);
        Assert.AreEqual(Sequence, header.Sequence);
    }

    [TestMethod]
    public void ScsiCommand_BidirectionalWithAhs_MatchesLayout()
    {
        const string Golden = """
            01 e3 50 00  06 00 02 00  00 05 00 00 00 00 00 00
            00 00 00 2a  00 01 00 00  01 02 03 04  0a 0b 0c 0d
            7f 00 00 00  00 00 00 18  88 0b 00 00  00 00 00 00
            """;
        byte[] bhs = Hex.Dirty();
        byte[] cdb = Hex.Parse("7f 00 00 00 00 00 00 18 88 0b");
        ScsiCommandWriter.Write(
            bhs,
            immediate: false,
            ScsiCommandFlags.Final | ScsiCommandFlags.Read | ScsiCommandFlags.Write,
            TaskAttribute.HeadOfQueue,
            lun: 0x0005_0000_0000_0000,
            initiatorTaskTag: 0x2a,
            expectedDataTransferLength: 0x10000,
            Sequence,
            cdb,
            dataSegmentLength: 512,
            totalAhsLengthWords: 6,
            priority: 5);
        Hex.AssertEqual(Golden, bhs);

        ScsiCommandHeader header = new(bhs);
        Assert.AreEqual(ScsiCommandFlags.Final | ScsiCommandFlags.Read | ScsiCommandFlags.Write, header.Flags);
        Assert.AreEqual(TaskAttribute.HeadOfQueue, header.Attribute);
        Assert.AreEqual(5, header.Priority);
        Assert.AreEqual(6, header.Basic.TotalAhsLengthWords);
        Assert.AreEqual(24, header.Basic.TotalAhsLengthBytes);
        Assert.AreEqual(512, header.Basic.DataSegmentLength);
        Assert.AreEqual(0x0005_0000_0000_0000UL, header.Lun);
        Assert.AreEqual(0x2au, header.InitiatorTaskTag);
        Assert.AreEqual(0x10000u, header.ExpectedDataTransferLength);
        Assert.AreEqual(Sequence, header.Sequence);
        Hex.AssertEqual("7f 00 00 00 00 00 00 18 88 0b 00 00 00 00 00 00", header.Cdb);
    }

    [TestMethod]
    public void ScsiCommand_CdbOver16Bytes_Throws()
    {
        byte[] bhs = Hex.Dirty();
        Assert.ThrowsExactly<ArgumentException>(() => ScsiCommandWriter.Write(
            bhs, false, ScsiCommandFlags.Final, TaskAttribute.Simple, 0, 1, 0, Sequence, new byte[17]));
    }

    [TestMethod]
    public void TaskManagementRequest_AbortTask_MatchesLayout()
    {
        const string Golden = """
            42 81 00 00  00 00 00 00  00 02 00 00 00 00 00 00
            00 00 00 07  00 00 00 06  01 02 03 04  0a 0b 0c 0d
            00 00 00 99  00 00 00 03  00 00 00 00  00 00 00 00
            """;
        byte[] bhs = Hex.Dirty();
        TaskManagementRequestWriter.Write(
            bhs, true, TaskManagementFunction.AbortTask, 0x0002_0000_0000_0000, 7, Sequence, referencedTaskTag: 6, refCmdSN: 0x99, expDataSN: 3);
        Hex.AssertEqual(Golden, bhs);

        TaskManagementRequestHeader header = new(bhs);
        Assert.AreEqual(TaskManagementFunction.AbortTask, header.Function);
        Assert.AreEqual(0x0002_0000_0000_0000UL, header.Lun);
        Assert.AreEqual(7u, header.InitiatorTaskTag);
        Assert.AreEqual(6u, header.ReferencedTaskTag);
        Assert.AreEqual(0x99u, header.RefCmdSN);
        Assert.AreEqual(3u, header.ExpDataSN);
        Assert.AreEqual(Sequence, header.Sequence);
    }

    [TestMethod]
    public void LoginRequest_SecurityToFullFeature_MatchesLayout()
    {
        const string Golden = """
            43 83 00 00  00 00 01 23  80 12 34 56 78 9a 00 00
            00 00 00 01  00 02 00 00  01 02 03 04  0a 0b 0c 0d
            00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
            """;
        byte[] bhs = Hex.Dirty();
        LoginRequestWriter.Write(
            bhs,
            LoginFlags.Transit,
            LoginStage.SecurityNegotiation,
            LoginStage.FullFeaturePhase,
            new Isid(0x80123456789a),
            tsih: 0,
            initiatorTaskTag: 1,
            cid: 2,
            Sequence,
            dataSegmentLength: 0x123);
        Hex.AssertEqual(Golden, bhs);

        LoginRequestHeader header = new(bhs);
        Assert.IsTrue(header.Basic.IsImmediate);
        Assert.AreEqual(LoginFlags.Transit, header.Flags);
        Assert.AreEqual(LoginStage.SecurityNegotiation, header.CurrentStage);
        Assert.AreEqual(LoginStage.FullFeaturePhase, header.NextStage);
        Assert.AreEqual("80123456789a", header.Isid.ToString());
        Assert.AreEqual(0, header.Tsih);
        Assert.AreEqual(2, header.Cid);
        Assert.AreEqual(Sequence, header.Sequence);
    }

    [TestMethod]
    public void LoginRequest_WithoutTransit_LeavesNextStageReserved()
    {
        byte[] bhs = Hex.Dirty();
        LoginRequestWriter.Write(
            bhs, LoginFlags.Continue, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, new Isid(1), 0x1234, 1, 0, Sequence, 0);
        Assert.AreEqual(0x44, bhs[1]);
        Assert.AreEqual(0x1234, new LoginRequestHeader(bhs).Tsih);
    }

    [TestMethod]
    public void TextRequest_Continued_MatchesLayout()
    {
        const string Golden = """
            04 40 00 00  00 00 20 00  00 00 00 00 00 00 00 09
            00 00 00 11  00 00 00 77  01 02 03 04  0a 0b 0c 0d
            00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
            """;
        byte[] bhs = Hex.Dirty();
        TextRequestWriter.Write(bhs, false, TextFlags.Continue, 0x11, 0x77, Sequence, 8192, lun: 9);
        Hex.AssertEqual(Golden, bhs);

        TextRequestHeader header = new(bhs);
        Assert.AreEqual(TextFlags.Continue, header.Flags);
        Assert.AreEqual(9UL, header.Lun);
        Assert.AreEqual(0x11u, header.InitiatorTaskTag);
        Assert.AreEqual(0x77u, header.TargetTransferTag);
        Assert.AreEqual(Sequence, header.Sequence);
    }

    [TestMethod]
    public void DataOut_LastOfBurst_MatchesLayout()
    {
        const string Golden = """
            05 80 00 00  00 01 00 00  00 03 00 00 00 00 00 00
            00 00 00 2a  00 00 00 55  00 00 00 00  0a 0b 0c 0d
            00 00 00 00  00 00 00 04  00 04 00 00  00 00 00 00
            """;
        byte[] bhs = Hex.Dirty();
        DataOutWriter.Write(bhs, isFinal: true, 0x0003_0000_0000_0000, 0x2a, 0x55, 0x0a0b0c0d, dataSN: 4, bufferOffset: 0x40000, 0x10000);
        Hex.AssertEqual(Golden, bhs);

        DataOutHeader header = new(bhs);
        Assert.IsTrue(header.IsFinal);
        Assert.IsFalse(header.IsUnsolicited);
        Assert.AreEqual(0x0003_0000_0000_0000UL, header.Lun);
        Assert.AreEqual(0x2au, header.InitiatorTaskTag);
        Assert.AreEqual(0x55u, header.TargetTransferTag);
        Assert.AreEqual(0x0a0b0c0du, header.ExpStatSN);
        Assert.AreEqual(4u, header.DataSN);
        Assert.AreEqual(0x40000u, header.BufferOffset);
        Assert.AreEqual(0x10000, header.Basic.DataSegmentLength);
    }

    [TestMethod]
    public void DataOut_LengthBeyond24Bits_Throws()
    {
        byte[] bhs = Hex.Dirty();
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => DataOutWriter.Write(bhs, true, 0, 1, 2, 3, 0, 0, 0x1000000));
    }

    [TestMethod]
    public void LogoutRequest_CloseConnection_MatchesLayout()
    {
        const string Golden = """
            46 81 00 00  00 00 00 00  00 00 00 00 00 00 00 00
            00 00 00 08  00 03 00 00  01 02 03 04  0a 0b 0c 0d
            00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00
            """;
        byte[] bhs = Hex.Dirty();
        LogoutRequestWriter.Write(bhs, true, LogoutReason.CloseConnection, 8, 3, Sequence);
        Hex.AssertEqual(Golden, bhs);

        LogoutRequestHeader header = new(bhs);
        Assert.AreEqual(LogoutReason.CloseConnection, header.Reason);
        Assert.AreEqual(8u, header.InitiatorTaskTag);
        Assert.AreEqual(3, header.Cid);
        Assert.AreEqual(Sequence, header.Sequence);
    }

    [TestMethod]
    public void SnackRequest_Status_MatchesLayout()
    {
        const string Golden = """
            10 81 00 00  00 00 00 00  00 00 00 00 00 00 00 00
            ff ff ff ff  ff ff ff ff  00 00 00 00  0a 0b 0c 0d
            00 00 00 00  00 00 00 00  00 00 00 20  00 00 00 02
            """;
        byte[] bhs = Hex.Dirty();
        SnackRequestWriter.Write(bhs, SnackType.Status, 0, BasicHeader.ReservedTag, BasicHeader.ReservedTag, 0x0a0b0c0d, 0x20, 2);
        Hex.AssertEqual(Golden, bhs);

        SnackRequestHeader header = new(bhs);
        Assert.AreEqual(SnackType.Status, header.Type);
        Assert.AreEqual(BasicHeader.ReservedTag, header.InitiatorTaskTag);
        Assert.AreEqual(BasicHeader.ReservedTag, header.TargetTransferTagOrSnackTag);
        Assert.AreEqual(0x0a0b0c0du, header.ExpStatSN);
        Assert.AreEqual(0x20u, header.BegRun);
        Assert.AreEqual(2u, header.RunLength);
    }

    [TestMethod]
    public void AnyHeader_ShorterThan48Bytes_Throws() =>
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new BasicHeader(new byte[47]).Opcode);
}
