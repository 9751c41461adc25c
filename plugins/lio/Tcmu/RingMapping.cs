using System.Buffers;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TgtModular.Buffers;
using TgtModular.Lio.Native;

namespace TgtModular.Lio.Tcmu;

/// <summary>The memory shared with the kernel: mailbox, command ring and data area. Every access is within it, or throws.</summary>
internal sealed unsafe class RingMapping : IDisposable
{
    /// <summary>Longest piece of data that is taken as one segment; far beyond what one command moves.</summary>
    public const int MaxSegmentLength = 1 << 30;

    private const int WindowShift = 30;

    private readonly Window[] _windows;
    private byte* _start;

    /// <summary>Maps a device, or memory of this process alone.</summary>
    /// <param name="length">Bytes.</param>
    /// <param name="device">The device; null for memory of our own (tests).</param>
    /// <exception cref="IOException">It cannot be mapped.</exception>
    public RingMapping(long length, SafeFileHandle? device)
    {
        int flags = LibC.MapShared | (device is null ? LibC.MapAnonymous : 0);
        int descriptor = device is null ? -1 : (int)device.DangerousGetHandle();
        void* start = LibC.Map(null, (nuint)length, LibC.ProtectRead | LibC.ProtectWrite, flags, descriptor, 0);
        if (start == LibC.MapFailed) throw new IOException($"mapping {length} bytes: {LibC.Describe(Marshal.GetLastPInvokeError())}");
        _start = (byte*)start;
        Length = length;
        _windows = new Window[(length >> WindowShift) + 1];
        for (int i = 0; i < _windows.Length; i++)
        {
            long offset = (long)i << WindowShift;
            _windows[i] = new Window(_start + offset, (int)Math.Min(length - offset, int.MaxValue));
        }
    }

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>True when the range lies within.</summary>
    public bool Contains(ulong offset, ulong length) => offset <= (ulong)Length && length <= (ulong)Length - offset;

    /// <summary>A piece of data, at most <see cref="MaxSegmentLength"/> bytes.</summary>
    public DataSegment GetSegment(long offset, int length)
    {
        Check(offset, length);
        return new DataSegment(_windows[offset >> WindowShift].Slice((int)(offset & ((1L << WindowShift) - 1)), length), (nint)(_start + offset));
    }

    /// <summary>The bytes of a range.</summary>
    public Span<byte> GetSpan(long offset, int length)
    {
        Check(offset, length);
        return new Span<byte>(_start + offset, length);
    }

    /// <summary>A number that the other side wrote, and all that it wrote before.</summary>
    public uint ReadShared(long offset)
    {
        Check(offset, sizeof(uint));
        return Volatile.Read(ref *(uint*)(_start + offset));
    }

    /// <summary>Writes a number that the other side looks at, after all that was written before.</summary>
    public void WriteShared(long offset, uint value)
    {
        Check(offset, sizeof(uint));
        Volatile.Write(ref *(uint*)(_start + offset), value);
    }

    public ulong Read64(long offset) => MemoryMarshal.Read<ulong>(GetSpan(offset, sizeof(ulong)));

    public uint Read32(long offset) => MemoryMarshal.Read<uint>(GetSpan(offset, sizeof(uint)));

    public ushort Read16(long offset) => MemoryMarshal.Read<ushort>(GetSpan(offset, sizeof(ushort)));

    public byte Read8(long offset) => GetSpan(offset, 1)[0];

    public void Write32(long offset, uint value) => MemoryMarshal.Write(GetSpan(offset, sizeof(uint)), value);

    public void Write16(long offset, ushort value) => MemoryMarshal.Write(GetSpan(offset, sizeof(ushort)), value);

    public void Write8(long offset, byte value) => GetSpan(offset, 1)[0] = value;

    /// <summary>Unmaps. Nobody may hold a segment any more.</summary>
    public void Dispose()
    {
        byte* start = _start;
        _start = null;
        if (start is not null) _ = LibC.Unmap(start, (nuint)Length);
    }

    private void Check(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_start is null, this);
        if (length < 0 || offset < 0 || !Contains((ulong)offset, (ulong)length))
            throw new ArgumentOutOfRangeException(nameof(offset), $"{length} bytes at {offset} do not lie within the map's {Length}");
    }

    /// <summary>A part of the map as managed memory, which cannot be longer than an int; parts overlap, so that no segment spans two.</summary>
    private sealed class Window(byte* start, int length) : MemoryManager<byte>
    {
        public Memory<byte> Slice(int offset, int count) => CreateMemory(offset, count);

        public override Span<byte> GetSpan() => new(start, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(start + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
