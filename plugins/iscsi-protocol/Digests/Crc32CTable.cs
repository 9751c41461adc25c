using System.Buffers.Binary;

namespace TgtModular.Iscsi.Protocol.Digests;

/// <summary>CRC32C by eight tables of 256 entries, eight bytes a step: for processors without a CRC instruction.</summary>
internal static class Crc32CTable
{
    private const int Slices = 8;

    private static readonly uint[] Table = Build();

    public static uint Append(uint register, ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<uint> table = Table;
        while (data.Length >= Slices)
        {
            uint low = BinaryPrimitives.ReadUInt32LittleEndian(data) ^ register;
            uint high = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            register = table[(int)(0x700 | (low & 0xff))]
                ^ table[(int)(0x600 | ((low >> 8) & 0xff))]
                ^ table[(int)(0x500 | ((low >> 16) & 0xff))]
                ^ table[(int)(0x400 | (low >> 24))]
                ^ table[(int)(0x300 | (high & 0xff))]
                ^ table[(int)(0x200 | ((high >> 8) & 0xff))]
                ^ table[(int)(0x100 | ((high >> 16) & 0xff))]
                ^ table[(int)(high >> 24)];
            data = data[Slices..];
        }

        foreach (byte value in data)
            register = (register >> 8) ^ table[(byte)register ^ value];
        return register;
    }

    private static uint[] Build()
    {
        uint[] table = new uint[Slices * 256];
        for (uint value = 0; value < 256; value++)
        {
            uint remainder = value;
            for (int bit = 0; bit < 8; bit++)
                remainder = Crc32CPolynomial.TimesX(remainder);
            table[value] = remainder;
        }

        for (int index = 256; index < table.Length; index++)
            table[index] = (table[index - 256] >> 8) ^ table[(byte)table[index - 256]];
        return table;
    }
}
