namespace TgtModular.Abstractions.Tests;

[TestClass]
public sealed class SenseDataTests
{
    [TestMethod]
    public void Fixed_FieldPointerInCdb_StandsInBytes15To17() =>
        Check(Sense.InvalidFieldInCdb(1, 4), "70 00 05 00000000 0A 00000000 24 00 00 CC 0001", "72 05 24 00 000000 08 02 06 0000 CC 0001 00");

    [TestMethod]
    public void Fixed_FieldPointerWithoutBit_HasNoBitPointer() =>
        Check(Sense.InvalidFieldInParameterList(0x1234), "70 00 05 00000000 0A 00000000 26 00 00 80 1234", "72 05 26 00 000000 08 02 06 0000 80 1234 00");

    [TestMethod]
    public void Information_Lba_IsValidInBothFormats() =>
        Check(Sense.UnrecoveredReadError(0x12345678), "F0 00 03 12345678 0A 00000000 11 00 00 000000", "72 03 11 00 000000 0C 00 0A 80 00 0000000012345678");

    [TestMethod]
    public void Information_LbaBeyond32Bits_OnlyInDescriptorFormat() =>
        Check(Sense.WriteError(0x1_0000_0000), "70 00 03 00000000 0A 00000000 0C 00 00 000000", "72 03 0C 00 000000 0C 00 0A 80 00 0000000100000000");

    [TestMethod]
    public void Information_NegativeResidual_IsTwosComplement() =>
        Check(Sense.IncorrectLength(-2), "F0 00 20 FFFFFFFE 0A 00000000 00 00 00 000000", "72 00 00 00 000000 10 00 0A 80 00 FFFFFFFFFFFFFFFE 04 02 00 20");

    [TestMethod]
    public void Marks_FilemarkAndEndOfMedium_ShareTheByteOfTheKey() => Check(
        new SenseData { Filemark = true, EndOfMedium = true },
        "70 00 C0 00000000 0A 00000000 00 00 00 000000", "72 00 00 00 000000 04 04 02 00 C0");

    [TestMethod]
    public void Deferred_ChangesTheResponseCode() =>
        Check(Sense.WriteError(null) with { Deferred = true }, "71 00 03 00000000 0A 00000000 0C 00 00 000000", "73 03 0C 00 000000 00");

    [TestMethod]
    public void CommandSpecific_StandsInItsField() => Check(
        Sense.Illegal(AdditionalSense.InvalidFieldInCdb) with { CommandSpecific = 0xABCD },
        "70 00 05 00000000 0A 0000ABCD 24 00 00 000000", "72 05 24 00 000000 0C 01 0A 0000 000000000000ABCD");

    [TestMethod]
    public void KeySpecific_Progress_IsMarkedValid() =>
        Check(Sense.FormatInProgress(0x8001), "70 00 02 00000000 0A 00000000 04 04 00 80 8001", "72 02 04 04 000000 08 02 06 0000 80 8001 00");

    [TestMethod]
    public void Everything_FitsTheLongestBuffer()
    {
        SenseData all = Sense.MiscompareDuringVerify(long.MaxValue) with
        {
            CommandSpecific = ulong.MaxValue,
            KeySpecific = 0x7FFFFF,
            Filemark = true,
            IncorrectLength = true,
        };
        byte[] buffer = new byte[SenseData.MaxLength];
        int length = all.Write(buffer, descriptorFormat: true);
        Assert.AreEqual(8 + 12 + 12 + 8 + 4, length);
        Assert.AreEqual(length - 8, buffer[7]);
        Assert.AreEqual(SenseData.FixedLength, all.Write(buffer, descriptorFormat: false));
        Assert.AreEqual(0, buffer[0] & 0x80, "a value that does not fit is not valid");
    }

    [TestMethod]
    public void Write_OverOldContent_LeavesNothingOfIt()
    {
        byte[] buffer = new byte[SenseData.MaxLength];
        Array.Fill(buffer, (byte)0xFF);
        int length = Sense.MediumNotPresent.Write(buffer, descriptorFormat: false);
        Assert.AreEqual("70000200000000" + "0A" + "00000000" + "3A00" + "00000000", Convert.ToHexString(buffer[..length]));
    }

    [TestMethod]
    public void Outcome_OfSense_IsCheckCondition()
    {
        ScsiOutcome outcome = Sense.LbaOutOfRange;
        Assert.AreEqual(ScsiStatus.CheckCondition, outcome.Status);
        Assert.IsFalse(outcome.IsGood);
        Assert.IsTrue(ScsiOutcome.Of(ScsiStatus.ConditionMet).IsGood);
        Assert.AreEqual("CheckCondition IllegalRequest 21h/00h", outcome.ToString());
        Assert.AreEqual("Busy", ScsiOutcome.Of(ScsiStatus.Busy).ToString());
    }

    private static void Check(SenseData sense, string expectedFixed, string expectedDescriptor)
    {
        byte[] buffer = new byte[SenseData.MaxLength];
        int length = sense.Write(buffer, descriptorFormat: false);
        Assert.AreEqual(expectedFixed.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(buffer[..length]));
        length = sense.Write(buffer, descriptorFormat: true);
        Assert.AreEqual(expectedDescriptor.Replace(" ", "", StringComparison.Ordinal), Convert.ToHexString(buffer[..length]));
    }
}
