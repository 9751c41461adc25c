namespace TgtModular.Iscsi.Protocol.Tests;

/// <summary>Wire bytes as tests write them: hexadecimal with any white space.</summary>
internal static class Hex
{
    public static byte[] Parse(string text) => Convert.FromHexString(string.Concat(text.Where(c => !char.IsWhiteSpace(c))));

    /// <summary>A header destination full of ones, so that a writer that leaves a reserved byte alone is found out.</summary>
    public static byte[] Dirty(int length = 48)
    {
        byte[] bytes = new byte[length];
        bytes.AsSpan().Fill(0xee);
        return bytes;
    }

    public static void AssertEqual(string expected, ReadOnlySpan<byte> actual) =>
        Assert.AreEqual(Convert.ToHexString(Parse(expected)), Convert.ToHexString(actual));
}
