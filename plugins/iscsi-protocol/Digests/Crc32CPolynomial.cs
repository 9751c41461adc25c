namespace TgtModular.Iscsi.Protocol.Digests;

/// <summary>Arithmetic modulo the Castagnoli polynomial in reflected form: bit 31 is x^0, bit 0 is x^31.</summary>
internal static class Crc32CPolynomial
{
    private const uint Reflected = 0x82f6_3b78;

    /// <summary>Multiplies by x.</summary>
    public static uint TimesX(uint value) => (value & 1) != 0 ? (value >> 1) ^ Reflected : value >> 1;

    /// <summary>x^<paramref name="exponent"/>, by stepping: for constants made once.</summary>
    public static uint PowerOfX(int exponent)
    {
        uint value = 0x8000_0000;
        for (; exponent > 0; exponent--)
            value = TimesX(value);
        return value;
    }
}
