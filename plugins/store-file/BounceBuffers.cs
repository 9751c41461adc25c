using System.Runtime.InteropServices;

namespace TgtModular.Stores;

/// <summary>Aligned memory for direct I/O of data that is not aligned. A few buffers are kept; more are made while more calls need one at once.</summary>
internal sealed unsafe class BounceBuffers : IDisposable
{
    public const int Length = 256 * 1024;
    private const int Alignment = 4096;
    private const int Kept = 8;

    private readonly Lock _gate = new();
    private readonly nint[] _free = new nint[Kept];
    private int _count;

    public nint Rent()
    {
        lock (_gate)
        {
            if (_count > 0) return _free[--_count];
        }

        return (nint)NativeMemory.AlignedAlloc(Length, Alignment);
    }

    public void Return(nint buffer)
    {
        lock (_gate)
        {
            if (_count < Kept)
            {
                _free[_count++] = buffer;
                return;
            }
        }

        NativeMemory.AlignedFree((void*)buffer);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            while (_count > 0) NativeMemory.AlignedFree((void*)_free[--_count]);
        }
    }
}
