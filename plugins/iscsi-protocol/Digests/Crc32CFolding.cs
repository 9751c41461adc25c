using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TgtModular.Iscsi.Protocol.Digests;

/// <summary>
/// Folding with 512-bit carry-less multiplication: four registers hold 256 bytes of message, and each step moves them 256 bytes
/// on and adds the next 256. A 128-bit lane L * x^64 + H moves by D bits as L * x^(D + 64) + H * x^D; in reflected form a product
/// gains one x, hence the constants x^(D + 63) and x^(D - 1).
/// </summary>
internal static class Crc32CFolding
{
    private const int Stride = 256;
    private const int Register = 64;
    private const int Lane = 16;

    private static readonly Vector128<ulong> ByStride = Constants(8 * Stride);
    private static readonly Vector128<ulong> ByRegister = Constants(8 * Register);
    private static readonly Vector128<ulong> ByLane = Constants(8 * Lane);

    public static bool IsSupported => Pclmulqdq.V512.IsSupported && Avx512F.IsSupported && Sse42.X64.IsSupported;

    /// <summary>Any length; <see cref="IsSupported"/> is the caller's duty.</summary>
    public static uint Append(uint register, ReadOnlySpan<byte> data)
    {
        if (data.Length < Stride)
            return Crc32CEngine.AppendSse42(register, data);
        ref byte source = ref MemoryMarshal.GetReference(data);
        nuint length = (nuint)data.Length;
        Vector512<ulong> a = Load(ref source, 0) ^ Vector512.CreateScalar((ulong)register);
        Vector512<ulong> b = Load(ref source, Register);
        Vector512<ulong> c = Load(ref source, 2 * Register);
        Vector512<ulong> d = Load(ref source, 3 * Register);
        nuint offset = Stride;
        Vector512<ulong> byStride = Vector512.Create(Vector256.Create(ByStride, ByStride), Vector256.Create(ByStride, ByStride));
        for (; length - offset >= Stride; offset += Stride)
        {
            a = Fold(a, byStride, Load(ref source, offset));
            b = Fold(b, byStride, Load(ref source, offset + Register));
            c = Fold(c, byStride, Load(ref source, offset + (2 * Register)));
            d = Fold(d, byStride, Load(ref source, offset + (3 * Register)));
        }

        Vector512<ulong> byRegister = Vector512.Create(Vector256.Create(ByRegister, ByRegister), Vector256.Create(ByRegister, ByRegister));
        a = Fold(Fold(Fold(a, byRegister, b), byRegister, c), byRegister, d);
        for (; length - offset >= Register; offset += Register)
            a = Fold(a, byRegister, Load(ref source, offset));
        return Crc32CEngine.AppendSse42(Reduce(a), data[(int)offset..]);
    }

    private static uint Reduce(Vector512<ulong> lanes)
    {
        Vector128<ulong> lane = Fold(lanes.GetLower().GetLower(), lanes.GetLower().GetUpper());
        lane = Fold(Fold(lane, lanes.GetUpper().GetLower()), lanes.GetUpper().GetUpper());
        return (uint)Sse42.X64.Crc32(Sse42.X64.Crc32(0, lane[0]), lane[1]);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Load(ref byte source, nuint offset) => Vector512.LoadUnsafe(ref source, offset).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<ulong> Fold(Vector512<ulong> value, Vector512<ulong> constants, Vector512<ulong> next) =>
        Pclmulqdq.V512.CarrylessMultiply(value, constants, 0x00) ^ Pclmulqdq.V512.CarrylessMultiply(value, constants, 0x11) ^ next;

    private static Vector128<ulong> Fold(Vector128<ulong> value, Vector128<ulong> next) =>
        Pclmulqdq.CarrylessMultiply(value, ByLane, 0x00) ^ Pclmulqdq.CarrylessMultiply(value, ByLane, 0x11) ^ next;

    private static Vector128<ulong> Constants(int bits) =>
        Vector128.Create((ulong)Crc32CPolynomial.PowerOfX(bits + 63) << 32, (ulong)Crc32CPolynomial.PowerOfX(bits - 1) << 32);
}
