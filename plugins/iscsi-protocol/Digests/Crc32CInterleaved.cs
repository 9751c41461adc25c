using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TgtModular.Iscsi.Protocol.Digests;

/// <summary>
/// Three CRC instruction chains at a time over three adjacent blocks: the instruction takes three cycles but one can start in each.
/// The chains are joined by multiplying with x^(8 * bytes that follow), one carry-less multiplication and one CRC step each:
/// for 32-bit reflected a and k, crc64(0, clmul(a, k)) = a * k * x^33, hence k = x^(8 * bytes - 33).
/// </summary>
internal static class Crc32CInterleaved
{
    private const int LongBlock = 1024;
    private const int ShortBlock = 128;

    private static readonly uint LongOnce = Crc32CPolynomial.PowerOfX((8 * LongBlock) - 33);
    private static readonly uint LongTwice = Crc32CPolynomial.PowerOfX((16 * LongBlock) - 33);
    private static readonly uint ShortOnce = Crc32CPolynomial.PowerOfX((8 * ShortBlock) - 33);
    private static readonly uint ShortTwice = Crc32CPolynomial.PowerOfX((16 * ShortBlock) - 33);

    public static bool IsSupported => Sse42.X64.IsSupported && Pclmulqdq.IsSupported;

    public static uint Append(uint register, ReadOnlySpan<byte> data)
    {
        register = AppendBlocks(register, ref data, LongBlock, LongOnce, LongTwice);
        register = AppendBlocks(register, ref data, ShortBlock, ShortOnce, ShortTwice);
        return Crc32CEngine.AppendSse42(register, data);
    }

    private static uint AppendBlocks(uint register, ref ReadOnlySpan<byte> data, int block, uint once, uint twice)
    {
        while (data.Length >= 3 * block)
        {
            ref byte first = ref MemoryMarshal.GetReference(data);
            ref byte second = ref Unsafe.Add(ref first, block);
            ref byte third = ref Unsafe.Add(ref second, block);
            ulong a = register;
            ulong b = 0;
            ulong c = 0;
            for (nuint offset = 0; offset < (nuint)block; offset += 8)
            {
                a = Sse42.X64.Crc32(a, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, offset)));
                b = Sse42.X64.Crc32(b, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref second, offset)));
                c = Sse42.X64.Crc32(c, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref third, offset)));
            }

            ulong shifted = CarrylessMultiply((uint)a, twice) ^ CarrylessMultiply((uint)b, once);
            register = (uint)(Sse42.X64.Crc32(0, shifted) ^ c);
            data = data[(3 * block)..];
        }

        return register;
    }

    private static ulong CarrylessMultiply(uint left, uint right) =>
        Pclmulqdq.CarrylessMultiply(Vector128.CreateScalar((ulong)left), Vector128.CreateScalar((ulong)right), 0).ToScalar();
}
