using System.Runtime.CompilerServices;
using TgtModular.Buffers;

namespace TgtModular.Stores;

/// <summary>A megabyte of zeroes: one aligned piece of memory, sixteen times. Only ever a source.</summary>
internal sealed unsafe class ZeroBuffer : DataBuffer
{
    private const int PieceLength = 64 * 1024;
    private const int Pieces = 16;
    private const int Alignment = 4096;

    private readonly DataSegment _piece;

    private ZeroBuffer()
    {
        byte[] array = GC.AllocateArray<byte>(PieceLength + Alignment, pinned: true);
        nint address = (nint)Unsafe.AsPointer(ref array[0]);
        int skip = (int)((Alignment - (address % Alignment)) % Alignment);
        _piece = new DataSegment(array.AsMemory(skip, PieceLength), address + skip);
    }

    public static ZeroBuffer Instance { get; } = new();

    public override int Length => PieceLength * Pieces;

    public override int SegmentCount => Pieces;

    public override DataSegment GetSegment(int index) => _piece;

    protected override void Dispose(bool disposing)
    {
    }
}
