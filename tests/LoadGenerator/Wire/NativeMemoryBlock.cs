using System.Runtime.InteropServices;

namespace TgtModular.LoadGenerator.Wire;

/// <summary>Memory outside the managed heap: its address can stay in a vector of <c>sendmsg</c> from one call to the next.</summary>
public sealed unsafe class NativeMemoryBlock : IDisposable
{
    private const int Alignment = 4096;
    private void* _address;

    public NativeMemoryBlock(int length)
    {
        Length = length;
        _address = NativeMemory.AlignedAlloc((nuint)Math.Max(length, 1), Alignment);
    }

    public int Length { get; }

    public byte* Address => (byte*)_address;

    public Span<byte> Span => new(_address, Length);

    public void Dispose()
    {
        NativeMemory.AlignedFree(_address);
        _address = null;
    }
}
