using FsCheck;
using FsCheck.Fluent;
using TgtModular.Iscsi.Protocol.Digests;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Tests.Fuzz;

/// <summary>What a writer writes, the view reads back, for any field values.</summary>
[TestClass]
public sealed class RoundTripTests
{
    [TestMethod]
    public void DataOut_AnyFields_ReadBack() => Check.QuickThrowOnFailure((bool isFinal, ulong lun, uint tags, uint dataSN, uint offset, int length) =>
    {
        byte[] bhs = new byte[48];
        DataOutWriter.Write(bhs, isFinal, lun, tags, ~tags, tags ^ 1, dataSN, offset, length & 0xffffff);
        DataOutHeader header = new(bhs);
        return header.IsFinal == isFinal && header.Lun == lun && header.InitiatorTaskTag == tags && header.TargetTransferTag == ~tags
            && header.ExpStatSN == (tags ^ 1) && header.DataSN == dataSN && header.BufferOffset == offset
            && header.Basic.DataSegmentLength == (length & 0xffffff);
    });

    [TestMethod]
    public void ScsiCommand_AnyFields_ReadBack() => Check.QuickThrowOnFailure((bool immediate, byte flags, ulong lun, uint tag, uint length, Guid cdb) =>
    {
        byte[] bhs = new byte[48];
        ScsiCommandFlags wanted = (ScsiCommandFlags)(flags & 0xe0);
        TaskAttribute attribute = (TaskAttribute)(flags & 7);
        ScsiCommandWriter.Write(bhs, immediate, wanted, attribute, lun, tag, length, new InitiatorSequence(~tag, ~length), cdb.ToByteArray(), 17, 3, (byte)(flags & 15));
        ScsiCommandHeader header = new(bhs);
        return header.Basic.IsImmediate == immediate && header.Flags == wanted && header.Attribute == attribute && header.Lun == lun
            && header.InitiatorTaskTag == tag && header.ExpectedDataTransferLength == length && header.Sequence == new InitiatorSequence(~tag, ~length)
            && header.Cdb.SequenceEqual(cdb.ToByteArray()) && header.Priority == (flags & 15) && header.Basic.TotalAhsLengthWords == 3;
    });

    [TestMethod]
    public void LoginPdus_AnyFields_ReadBack() => Check.QuickThrowOnFailure((ulong isid, ushort tsih, uint tag, ushort cid, ushort status) =>
    {
        byte[] bhs = new byte[48];
        Isid port = new(isid & 0xffff_ffff_ffff);
        LoginRequestWriter.Write(bhs, LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, port, tsih, tag, cid, new InitiatorSequence(tag, ~tag), 9);
        LoginRequestHeader request = new(bhs);
        bool isGood = request.Isid == port && request.Tsih == tsih && request.InitiatorTaskTag == tag && request.Cid == cid && request.Sequence.ExpStatSN == ~tag;
        LoginResponseWriter.Write(
            bhs, LoginFlags.None, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, port, tsih, tag, new TargetSequence(1, tag, ~tag), (LoginStatus)status);
        LoginResponseHeader response = new(bhs);
        return isGood && response.Isid == port && response.Tsih == tsih && response.Status == (LoginStatus)status && response.Sequence == new TargetSequence(1, tag, ~tag)
            && ((int)response.Status.Class() << 8 | response.Status.Detail()) == status;
    });

    [TestMethod]
    public void Ahs_AnyTail_ReadsBack() => Check.QuickThrowOnFailure((byte[] tail, uint? length) =>
    {
        byte[] cut = tail.Length > 244 ? tail[..244] : tail;
        byte[] ahs = new byte[ScsiCommandAhs.GetLength(cut.Length, length.HasValue)];
        int written = ScsiCommandAhs.Write(ahs, cut, length);
        return written == ahs.Length && written % 4 == 0 && ScsiCommandAhs.TryRead(ahs, out ScsiCommandAhs read)
            && read.CdbTail.SequenceEqual(cut) && read.BidirectionalReadExpectedDataTransferLength == length;
    });

    [TestMethod]
    public void Text_AnyNumber_ReadsBack() => Check.QuickThrowOnFailure((ulong number) =>
    {
        byte[] digits = System.Text.Encoding.ASCII.GetBytes(number.ToString());
        byte[] hex = System.Text.Encoding.ASCII.GetBytes("0x" + number.ToString("x"));
        return TextValue.TryParseNumber(digits, out ulong first) && first == number && TextValue.TryParseNumber(hex, out ulong second) && second == number;
    });

    [TestMethod]
    public void Digest_AnySplit_IsTheSame() => Check.QuickThrowOnFailure((byte[] left, byte[] right) =>
    {
        Crc32C crc = default;
        crc.Append(left);
        crc.Append(right);
        return crc.Value == Crc32C.Compute([.. left, .. right]);
    });

    /// <summary>FsCheck takes properties as delegates of up to a few arguments; these overloads keep the tests above in one line.</summary>
    private static class Check
    {
        private static readonly Config Settings = Config.QuickThrowOnFailure.WithMaxTest(500);

        public static void QuickThrowOnFailure<T>(Func<T, bool> property) => FsCheck.Check.One(Settings, Prop.ForAll(property));

        public static void QuickThrowOnFailure<T1, T2>(Func<T1, T2, bool> property) => FsCheck.Check.One(Settings, Prop.ForAll(property));

        public static void QuickThrowOnFailure<T1, T2, T3, T4, T5>(Func<T1, T2, T3, T4, T5, bool> property) =>
            FsCheck.Check.One(Settings, Prop.ForAll<(T1, T2, T3, T4, T5)>(v => property(v.Item1, v.Item2, v.Item3, v.Item4, v.Item5)));

        public static void QuickThrowOnFailure<T1, T2, T3, T4, T5, T6>(Func<T1, T2, T3, T4, T5, T6, bool> property) =>
            FsCheck.Check.One(Settings, Prop.ForAll<(T1, T2, T3, T4, T5, T6)>(v => property(v.Item1, v.Item2, v.Item3, v.Item4, v.Item5, v.Item6)));
    }
}
