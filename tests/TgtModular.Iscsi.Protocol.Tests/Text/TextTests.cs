using System.Text;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Tests.Text;

[TestClass]
public sealed class TextTests
{
    [TestMethod]
    public void Text_SeveralPairs_AreReadInOrder()
    {
        Assert.AreEqual("A=1|B=|C=x=y", Read("A=1\0B=\0C=x=y\0"));
        Assert.AreEqual(string.Empty, Read(string.Empty));
    }

    [TestMethod]
    public void Text_RunsOfNul_ArePassedOver() => Assert.AreEqual("A=1|B=2", Read("\0\0A=1\0\0\0B=2\0\0\0"));

    [TestMethod]
    [DataRow("A=1", TextError.NotTerminated)]
    [DataRow("A=1\0B", TextError.NotTerminated)]
    [DataRow("A\0", TextError.NoEqualsSign)]
    [DataRow("=1\0", TextError.BadKey)]
    [DataRow("a b=1\0", TextError.BadKey)]
    [DataRow("A\u0007=1\0", TextError.BadKey)]
    [DataRow("A=1\n\0", TextError.BadValue)]
    [DataRow("A=\u007f\0", TextError.BadValue)]
    public void Text_Malformed_IsRefused(string text, TextError error) => Assert.AreEqual(error.ToString(), Read(text).Split('|')[^1]);

    [TestMethod]
    [DataRow(63, "")]
    [DataRow(64, "BadKey")]
    public void Text_KeyLength_IsBounded(int length, string error) => Assert.AreEqual(error.Length == 0, !Read(new string('K', length) + "=1\0").Contains("Bad", StringComparison.Ordinal));

    [TestMethod]
    public void Text_SimpleValueLength_IsBoundedTo255ButBinaryIsNot()
    {
        Assert.AreEqual(257, Read($"A={new string('v', 255)}\0").Length);
        Assert.AreEqual("BadValue", Read($"A={new string('v', 256)}\0"));
        Assert.AreEqual("BadValue", Read($"A=b,{new string('v', 256)}\0"));
        Assert.AreEqual(2 + 255 + 1 + 255, Read($"A={new string('v', 255)},{new string('w', 255)}\0").Length);
        Assert.AreEqual(2 + 2 + 2048, Read($"A=0x{new string('f', 2048)}\0").Length);
        Assert.AreEqual("BadValue", Read($"A=0x{new string('f', 8191)}\0"));
    }

    [TestMethod]
    public void Text_LongerThanLimit_IsRefused()
    {
        TextPairReader reader = new(new byte[11], new TextLimits(10, 10));
        Assert.IsFalse(reader.TryRead(out _));
        Assert.AreEqual(TextError.TooLong, reader.Error);
    }

    [TestMethod]
    [DataRow("0", 0ul)]
    [DataRow("262144", 262144ul)]
    [DataRow("0x40", 64ul)]
    [DataRow("0XfF", 255ul)]
    [DataRow("18446744073709551615", ulong.MaxValue)]
    [DataRow("0xffffffffffffffff", ulong.MaxValue)]
    public void Number_WellFormed_IsRead(string text, ulong expected)
    {
        Assert.IsTrue(TextValue.TryParseNumber(Encoding.ASCII.GetBytes(text), out ulong number));
        Assert.AreEqual(expected, number);
    }

    [TestMethod]
    [DataRow("")]
    [DataRow("01")]
    [DataRow("-1")]
    [DataRow("+1")]
    [DataRow(" 1")]
    [DataRow("1 ")]
    [DataRow("1,2")]
    [DataRow("0x")]
    [DataRow("0xg")]
    [DataRow("0x-1")]
    [DataRow("18446744073709551616")]
    [DataRow("0x10000000000000000")]
    [DataRow("1~2")]
    public void Number_Malformed_IsRefused(string text) => Assert.IsFalse(TextValue.TryParseNumber(Encoding.ASCII.GetBytes(text), out _));

    [TestMethod]
    public void Range_Forms_AreChecked()
    {
        Assert.IsTrue(TextValue.TryParseRange("1~0x10"u8, out ulong low, out ulong high));
        Assert.AreEqual((1ul, 16ul), (low, high));
        Assert.IsFalse(TextValue.TryParseRange("2~1"u8, out _, out _));
        Assert.IsFalse(TextValue.TryParseRange("~1"u8, out _, out _));
        Assert.IsFalse(TextValue.TryParseRange("1"u8, out _, out _));
        Assert.IsFalse(TextValue.TryParseRange("1~2~3"u8, out _, out _));
    }

    [TestMethod]
    public void Boolean_OnlyYesAndNo_AreRead()
    {
        Assert.IsTrue(TextValue.TryParseBoolean("Yes"u8, out bool yes) && yes);
        Assert.IsTrue(TextValue.TryParseBoolean("No"u8, out bool no) && !no);
        Assert.IsFalse(TextValue.TryParseBoolean("yes"u8, out _));
        Assert.IsFalse(TextValue.TryParseBoolean(""u8, out _));
    }

    [TestMethod]
    [DataRow("0x00ff10", "00ff10")]
    [DataRow("0XABC", "0abc", DisplayName = "Odd digits: (n + 1) / 2 bytes")]
    [DataRow("0b", null)]
    [DataRow("0x", null)]
    [DataRow("0x0g", null)]
    [DataRow("0xg", null)]
    [DataRow("0bAP8Q", "00ff10")]
    [DataRow("0BAP8=", "00ff")]
    [DataRow("0bAP8", "00ff", DisplayName = "Padding left out: n * 3 / 4 bytes")]
    [DataRow("0bAA==", "00")]
    [DataRow("0bAA=", null)]
    [DataRow("0bA", null)]
    [DataRow("0bAAAAA", null)]
    [DataRow("0bAP 8Q", null)]
    [DataRow("0bA?8Q", null)]
    [DataRow("00ff", null)]
    [DataRow("0x000000000000000000", null, DisplayName = "Longer than the destination")]
    [DataRow("0bAAAAAAAAAAAA", null, DisplayName = "Base64 longer than the destination")]
    public void Binary_Forms_AreDecoded(string text, string? expected)
    {
        byte[] destination = new byte[8];
        bool decoded = TextValue.TryDecodeBinary(Encoding.ASCII.GetBytes(text), destination, out int written);
        Assert.AreEqual(expected is not null, decoded);
        if (expected is not null)
            Hex.AssertEqual(expected, destination.AsSpan(0, written));
    }

    [TestMethod]
    public void Binary_RoundTrip_HoldsForAllLengths()
    {
        for (int length = 1; length < 70; length++)
        {
            byte[] bytes = new byte[length];
            new Random(length).NextBytes(bytes);
            byte[] decoded = new byte[length];
            Assert.IsTrue(TextValue.TryDecodeBinary(Encoding.ASCII.GetBytes(TextValue.EncodeHex(bytes)), decoded, out int hexLength));
            CollectionAssert.AreEqual(bytes, decoded);
            Assert.IsTrue(TextValue.TryDecodeBinary(Encoding.ASCII.GetBytes(TextValue.EncodeBase64(bytes)), decoded, out int base64Length));
            CollectionAssert.AreEqual(bytes, decoded);
            Assert.AreEqual((length, length), (hexLength, base64Length));
        }
    }

    [TestMethod]
    public void Buffer_AllOverloads_WriteTerminatedPairs()
    {
        TextBuffer text = new(4);
        text.Add("A", "ä");
        text.Add("B"u8, "2"u8);
        text.Add("C", TextValue.Reject);
        text.Add("D", 16777215L);
        text.Add("E", true);
        Assert.AreEqual("A=ä\0B=2\0C=Reject\0D=16777215\0E=Yes\0", Encoding.UTF8.GetString(text.Written));
        text.Clear();
        Assert.AreEqual(0, text.Length);
    }

    [TestMethod]
    public void Assembler_PairCutAnywhere_IsWhole()
    {
        byte[] whole = "InitiatorName=iqn.2026-11.org.example:a\0SessionType=Discovery\0"u8.ToArray();
        for (int cut = 0; cut <= whole.Length; cut++)
        {
            TextAssembler assembler = new(TextLimits.Default);
            Assert.IsTrue(assembler.TryAppend(whole.AsSpan(0, cut)));
            Assert.IsTrue(assembler.TryAppend(whole.AsSpan(cut)));
            Assert.IsTrue(assembler.Text.SequenceEqual(whole));
        }
    }

    [TestMethod]
    public void Assembler_BeyondLimit_RefusesAndKeepsWhatItHas()
    {
        TextAssembler assembler = new(new TextLimits(10, 10));
        Assert.IsTrue(assembler.TryAppend(new byte[10]));
        Assert.IsFalse(assembler.TryAppend(new byte[1]));
        Assert.AreEqual(10, assembler.Length);
        assembler.Clear();
        Assert.IsTrue(assembler.TryAppend(new byte[1]));
    }

    [TestMethod]
    public void Segmenter_LongText_IsCutAndJoinsAgain()
    {
        byte[] whole = new byte[1000];
        new Random(3).NextBytes(whole);
        TextSegmenter segmenter = new(whole);
        List<byte> joined = [];
        int segments = 0;
        bool continues;
        do
        {
            joined.AddRange(segmenter.Next(300, out continues).ToArray());
            segments++;
        }
        while (continues);
        Assert.AreEqual(4, segments);
        CollectionAssert.AreEqual(whole, joined);
        Assert.AreEqual(0, segmenter.Next(300, out _).Length);
    }

    private static string Read(string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        TextPairReader reader = new(bytes, TextLimits.Default);
        List<string> pairs = [];
        while (reader.TryRead(out TextPair pair))
            pairs.Add($"{Encoding.Latin1.GetString(pair.Key)}={Encoding.Latin1.GetString(pair.Value)}");
        if (reader.Error != TextError.None)
            pairs.Add(reader.Error.ToString());
        return string.Join('|', pairs);
    }
}
