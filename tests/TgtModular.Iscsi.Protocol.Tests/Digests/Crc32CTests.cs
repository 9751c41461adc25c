using TgtModular.Iscsi.Protocol.Digests;

namespace TgtModular.Iscsi.Protocol.Tests.Digests;

[TestClass]
public sealed class Crc32CTests
{
    /// <summary>The five examples of RFC 3720 section B.4, digests as they stand on the wire.</summary>
    public static IEnumerable<object[]> Vectors =>
    [
        [new byte[32], "aa36918a"],
        [Enumerable.Repeat((byte)0xff, 32).ToArray(), "43aba862"],
        [Enumerable.Range(0, 32).Select(i => (byte)i).ToArray(), "4e79dd46"],
        [Enumerable.Range(0, 32).Select(i => (byte)(31 - i)).ToArray(), "5cdb3f11"],
        [
            Hex.Parse("01c00000 00000000 00000000 00000000 14000000 00000400 00000014 00000018 28000000 00000000 02000000 00000000"),
            "563a96d9",
        ],
    ];

    [TestMethod]
    [DynamicData(nameof(Vectors))]
    public void Digest_Rfc3720Examples_MatchWireBytes(byte[] data, string wire)
    {
        byte[] digest = new byte[4];
        Crc32C.Write(digest, Crc32C.Compute(data));
        Hex.AssertEqual(wire, digest);
        Assert.AreEqual(Crc32C.Compute(data), Crc32C.Read(digest));
        Crc32C.Write(digest, ~Crc32CTable.Append(uint.MaxValue, data));
        Hex.AssertEqual(wire, digest);
    }

    [TestMethod]
    public void Digest_OfNothing_IsZero()
    {
        Assert.AreEqual(0u, Crc32C.Compute([]));
        Assert.AreEqual(0u, default(Crc32C).Value);
    }

    [TestMethod]
    public void Digest_EveryWay_AgreesWithBitwiseDefinition()
    {
        byte[] data = RandomBytes(20_000);
        foreach ((int offset, int length) in Pieces(data.Length))
        {
            ReadOnlySpan<byte> piece = data.AsSpan(offset, length);
            uint expected = Bitwise(0x1234_5678, piece);
            Assert.AreEqual(expected, Crc32CTable.Append(0x1234_5678, piece), $"table, {offset}+{length}");
            Assert.AreEqual(expected, Crc32CEngine.Append(0x1234_5678, piece), $"engine, {offset}+{length}");
            if (Crc32CInterleaved.IsSupported)
                Assert.AreEqual(expected, Crc32CInterleaved.Append(0x1234_5678, piece), $"interleaved, {offset}+{length}");
            if (Crc32CFolding.IsSupported)
                Assert.AreEqual(expected, Crc32CFolding.Append(0x1234_5678, piece), $"folding, {offset}+{length}");
        }
    }

    [TestMethod]
    public void Digest_InPieces_EqualsWhole()
    {
        byte[] data = RandomBytes(10_000);
        Random random = new(7);
        for (int round = 0; round < 100; round++)
        {
            Crc32C crc = default;
            for (int offset = 0; offset < data.Length;)
            {
                int length = Math.Min(random.Next(0, 3000), data.Length - offset);
                crc.Append(data.AsSpan(offset, length));
                offset += length;
            }

            Assert.AreEqual(Crc32C.Compute(data), crc.Value);
        }
    }

    private static byte[] RandomBytes(int length)
    {
        byte[] data = new byte[length];
        new Random(42).NextBytes(data);
        return data;
    }

    private static IEnumerable<(int Offset, int Length)> Pieces(int total)
    {
        for (int length = 0; length < 600; length++)
            yield return (length % 17, length);
        Random random = new(1);
        for (int round = 0; round < 200; round++)
        {
            int offset = random.Next(0, 64);
            yield return (offset, random.Next(600, total - offset));
        }
    }

    private static uint Bitwise(uint register, ReadOnlySpan<byte> data)
    {
        foreach (byte value in data)
        {
            register ^= value;
            for (int bit = 0; bit < 8; bit++)
                register = (register & 1) != 0 ? (register >> 1) ^ 0x82f63b78 : register >> 1;
        }

        return register;
    }
}
