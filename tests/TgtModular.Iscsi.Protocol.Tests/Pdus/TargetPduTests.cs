using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Protocol.Tests.Pdus;

/// <summary>Golden bytes of the target's PDUs, derived by hand from the drawings of RFC 7143 section 11.</summary>
[TestClass]
public sealed class TargetPduTests
{
    private static readonly TargetSequence Sequence = new(0x01020304, 0x0a0b0c0d, 0x1a1b1c1d);

    [TestMethod]
    public void NopIn_Answer_MatchesLayout()
    {
        const string Golden = """
            20 80 00 00  00 00 00 05  00 00 00 00 00 00 00 00
            11 22 33 44  ff ff ff ff  01 02 03 04  0a 0b 0c 0d
            1a 1b 1c 1d  00 00 00 00  00 00 00 00  00 00 00 00
            """;
        byte[] bhs = Hex.Dirty();
        NopInWriter.Write(bhs, 0, 0x11223344, BasicHeader.ReservedTag, Sequence, 5);
        Hex.AssertEqual(Golden, bhs);

        NopInHeader header = new(bhs);
        Assert.AreEqual(Opcode.NopIn, header.Basic.Opcode);
        Assert.AreEqual(0UL, header.Lun);
        Assert.AreEqual(0x11223344u, header.InitiatorTaskTag);
        Assert.AreEqual(BasicHeader.ReservedTag, header.TargetTransferTag);
        Assert.AreEqual(Sequence, header.Sequence);
    }

    [TestMethod]
    public void ScsiResponse_CheckConditionWithResiduals_MatchesLayout()
    {
        const string Golden = """
            21 92 00 02  00 00 00 14  00 07 00 00 00 00 00 00
            00 00 00 2a  00 00 00 00  01 02 03 04  0a 0b 0c 0d
            1a 1b 1c 1d  00 00 00 03  00 00 10 00  00 00 02 00
            """;
        byte[] bhs = Hex.Dirty();
        ScsiResponseWriter.Write(
            bhs,
            ScsiResponseFlags.Underflow | ScsiResponseFlags.BidirectionalReadOverflow,
            ScsiServiceResponse.CommandCompleted,
            status: 0x02,
            initiatorTaskTag: 0x2a,
            Sequence,
            expDataSN: 3,
            residualCount: 512,
            bidirectionalReadResidualCount: 4096,
            dataSegmentLength: 20,
            statusQualifier: 7);
        Hex.AssertEqual(Golden, bhs);

        ScsiResponseHeader header = new(bhs);
        Assert.AreEqual(ScsiResponseFlags.Underflow | ScsiResponseFlags.BidirectionalReadOverflow, header.Flags);
        Assert.AreEqual(ScsiServiceResponse.CommandCompleted, header.Response);
        Assert.AreEqual(2, header.Status);
        Assert.AreEqual(7, header.StatusQualifier);
        Assert.AreEqual(0x2au, header.InitiatorTaskTag);
        Assert.AreEqual(0u, header.SnackTag);
        Assert.AreEqual(Sequence, header.Sequence);
        Assert.AreEqual(3u, header.ExpDataSN);
        Assert.AreEqual(512u, header.ResidualCount);
        Assert.AreEqual(4096u, header.BidirectionalReadResidualCount);
        Assert.AreEqual(20, header.Basic.DataSegmentLength);
    }

    [TestMethod]
    public void TaskManagementResponse_Succeeded_MatchesLayout()
    {
        const string Golden = """
            22 80 07 00  00 00 00 00  01 23 45 00 00 00 00 00
            00 00 00 07  00 00 00 00  01 02 03 04  0a 0b 0c 0d
            1a 1b 1c 1d  00 00 00 00  00 00 00 00  00 00 00 00
            """;
        byte[] bhs = Hex.Dirty();
        TaskManagementResponseWriter.Write(bhs, TaskManagementResponseCode.FunctionSucceeded, 7, Sequence, 0x012345);
        Hex.AssertEqual(Golden, bhs);

        TaskManagementResponseHeader header = new(bhs);
        Assert.AreEqual(TaskManagementResponseCode.FunctionSucceeded, header.Response);
        Assert.AreEqual(0x012345, header.AdditionalResponseInformation);
        Assert.AreEqual(7u, header.InitiatorTaskTag);
        Assert.AreEqual(Sequence, header.Sequence);
    }

    [TestMethod]
    public void LoginResponse_FinalOfNewSession_MatchesLayout()
    {
        const string Golden = """
            23 87 00 00  00 00 00 40  80 12 34 56 78 9a 00 05
            00 00 00 01  00 00 00 00  01 02 03 04  0a 0b 0c 0d
            1a 1b 1c 1d  02 0a 00 00  00 00 00 00  00 00 00 00
            """;
        byte[] bhs = Hex.Dirty();
        LoginResponseWriter.Write(
            bhs,
            LoginFlags.Transit,
            LoginStage.OperationalNegotiation,
            LoginStage.FullFeaturePhase,
            new Isid(0x80123456789a),
            tsih: 5,
            initiatorTaskTag: 1,
            Sequence,
            LoginStatus.SessionDoesNotExist,
            dataSegmentLength: 64);
        Hex.AssertEqual(Golden, bhs);

        LoginResponseHeader header = new(bhs);
        Assert.AreEqual(LoginFlags.Transit, header.Flags);
        Assert.AreEqual(LoginStage.OperationalNegotiation, header.CurrentStage);
        Assert.AreEqual(LoginStage.FullFeaturePhase, header.NextStage);
        Assert.AreEqual(0x80123456789aUL, header.Isid.Value);
        Assert.AreEqual(5, header.Tsih);
        Assert.AreEqual(LoginStatus.SessionDoesNotExist, header.Status);
        Assert.AreEqual(LoginStatusClass.InitiatorError, header.Status.Class());
        Assert.AreEqual(0x0a, header.Status.Detail());
        Assert.AreEqual(Sequence, header.Sequence);
    }

    [TestMethod]
    public void TextResponse_Final_MatchesLayout()
    {
        const string Golden = """
            24 80 00 00  00 00 00 30  00 00 00 00 00 00 00 00
            00 00 00 11  ff ff ff ff  01 02 03 04  0a 0b 0c 0d
            1a 1b 1c 1d  00 00 00 00  00 00 00 00  00 00 00 00
            """;
        byte[] bhs = Hex.Dirty();
        TextResponseWriter.Write(bhs, TextFlags.Final, 0x11, BasicHeader.ReservedTag, Sequence, 48);
        Hex.AssertEqual(Golden, bhs);

        TextResponseHeader header = new(bhs);
        Assert.AreEqual(TextFlags.Final, header.Flags);
        Assert.AreEqual(0UL, header.Lun);
        Assert.AreEqual(0x11u, header.InitiatorTaskTag);
        Assert.AreEqual(BasicHeader.ReservedTag, header.TargetTransferTag);
        Assert.AreEqual(Sequence, header.Sequence);
    }

    [TestMethod]
    public void DataIn_LastWithStatus_MatchesLayout()
    {
        const string Golden = """
            25 83 00 00  00 00 10 00  00 00 00 00 00 00 00 00
            00 00 00 2a  ff ff ff ff  01 02 03 04  0a 0b 0c 0d
            1a 1b 1c 1d  00 00 00 01  00 00 20 00  00 00 00 10
            """;
        byte[] bhs = Hex.Dirty();
        DataInWriter.Write(
            bhs, DataInFlags.Final | DataInFlags.Status | DataInFlags.Underflow, 0, 0x2a, Sequence, 1, 0x2000, 4096, residualCount: 16);
        Hex.AssertEqual(Golden, bhs);

        DataInHeader header = new(bhs);
        Assert.AreEqual(DataInFlags.Final | DataInFlags.Status | DataInFlags.Underflow, header.Flags);
        Assert.AreEqual(0, header.Status);
        Assert.AreEqual(0x2au, header.InitiatorTaskTag);
        Assert.AreEqual(BasicHeader.ReservedTag, header.TargetTransferTag);
        Assert.AreEqual(Sequence, header.Sequence);
        Assert.AreEqual(1u, header.DataSN);
        Assert.AreEqual(0x2000u, header.BufferOffset);
        Assert.AreEqual(16u, header.ResidualCount);
        Assert.AreEqual(0UL, header.Lun);
    }

    [TestMethod]
    public void LogoutResponse_Closed_MatchesLayout()
    {
        const string Golden = """
            26 80 01 00  00 00 00 00  00 00 00 00 00 00 00 00
            00 00 00 08  00 00 00 00  01 02 03 04  0a 0b 0c 0d
            1a 1b 1c 1d  00 00 00 00  00 02 00 14  00 00 00 00
            """;
        byte[] bhs = Hex.Dirty();
        LogoutResponseWriter.Write(bhs, LogoutResponseCode.CidNotFound, 8, Sequence, 2, 20);
        Hex.AssertEqual(Golden, bhs);

        LogoutResponseHeader header = new(bhs);
        Assert.AreEqual(LogoutResponseCode.CidNotFound, header.Response);
        Assert.AreEqual(8u, header.InitiatorTaskTag);
        Assert.AreEqual(2, header.Time2WaitSeconds);
        Assert.AreEqual(20, header.Time2RetainSeconds);
        Assert.AreEqual(Sequence, header.Sequence);
    }

    [TestMethod]
    public void ReadyToTransfer_SecondBurst_MatchesLayout()
    {
        const string Golden = """
            31 80 00 00  00 00 00 00  00 03 00 00 00 00 00 00
            00 00 00 2a  00 00 00 55  01 02 03 04  0a 0b 0c 0d
            1a 1b 1c 1d  00 00 00 01  00 04 00 00  00 02 00 00
            """;
        byte[] bhs = Hex.Dirty();
        ReadyToTransferWriter.Write(bhs, 0x0003_0000_0000_0000, 0x2a, 0x55, Sequence, 1, 0x40000, 0x20000);
        Hex.AssertEqual(Golden, bhs);

        ReadyToTransferHeader header = new(bhs);
        Assert.AreEqual(0x0003_0000_0000_0000UL, header.Lun);
        Assert.AreEqual(0x2au, header.InitiatorTaskTag);
        Assert.AreEqual(0x55u, header.TargetTransferTag);
        Assert.AreEqual(Sequence, header.Sequence);
        Assert.AreEqual(1u, header.R2TSN);
        Assert.AreEqual(0x40000u, header.BufferOffset);
        Assert.AreEqual(0x20000u, header.DesiredDataTransferLength);
    }

    [TestMethod]
    public void AsyncMessage_ConnectionDrop_MatchesLayout()
    {
        const string Golden = """
            32 80 00 00  00 00 00 00  00 00 00 00 00 00 00 00
            ff ff ff ff  00 00 00 00  01 02 03 04  0a 0b 0c 0d
            1a 1b 1c 1d  02 00 00 03  00 02 00 14  00 00 00 00
            """;
        byte[] bhs = Hex.Dirty();
        AsyncMessageWriter.Write(bhs, AsyncEvent.ConnectionDrop, Sequence, parameter1: 3, parameter2: 2, parameter3: 20);
        Hex.AssertEqual(Golden, bhs);

        AsyncMessageHeader header = new(bhs);
        Assert.AreEqual(AsyncEvent.ConnectionDrop, header.Event);
        Assert.AreEqual(0, header.VendorCode);
        Assert.AreEqual(0UL, header.Lun);
        Assert.AreEqual(3, header.Parameter1);
        Assert.AreEqual(2, header.Parameter2);
        Assert.AreEqual(20, header.Parameter3);
        Assert.AreEqual(Sequence, header.Sequence);
    }

    [TestMethod]
    public void Reject_ProtocolError_MatchesLayout()
    {
        const string Golden = """
            3f 80 04 00  00 00 00 30  00 00 00 00 00 00 00 00
            ff ff ff ff  00 00 00 00  01 02 03 04  0a 0b 0c 0d
            1a 1b 1c 1d  00 00 00 09  00 00 00 00  00 00 00 00
            """;
        byte[] bhs = Hex.Dirty();
        RejectWriter.Write(bhs, RejectReason.ProtocolError, Sequence, dataSN: 9);
        Hex.AssertEqual(Golden, bhs);

        RejectHeader header = new(bhs);
        Assert.AreEqual(RejectReason.ProtocolError, header.Reason);
        Assert.AreEqual(9u, header.DataSN);
        Assert.AreEqual(Sequence, header.Sequence);
    }

    [TestMethod]
    public void Opcode_Direction_FollowsSection11()
    {
        foreach (Opcode opcode in Enum.GetValues<Opcode>())
        {
            Assert.AreEqual((byte)opcode < 0x20, opcode.IsInitiatorOpcode(), $"{opcode}");
            Assert.AreEqual((byte)opcode >= 0x20, opcode.IsTargetOpcode(), $"{opcode}");
        }

        Assert.IsFalse(((Opcode)0x1c).IsInitiatorOpcode());
        Assert.IsFalse(((Opcode)0x07).IsInitiatorOpcode());
        Assert.IsFalse(((Opcode)0x30).IsTargetOpcode());
        Assert.IsFalse(((Opcode)0x50).IsTargetOpcode());
    }
}
