using System.Runtime.InteropServices;
using TgtModular.Buffers;
using TgtModular.Iscsi.Channels;

namespace TgtModular.Iscsi.Output;

/// <summary>
/// What one send carries: headers and small data lie side by side in a pinned block of its own, longer data is referenced where it is. Neighbours in the
/// block go out as one segment.
/// </summary>
internal sealed class SendBuffer
{
    /// <summary>Bytes of the block.</summary>
    public const int BlockLength = 32 * 1024;

    /// <summary>Most segments of one send.</summary>
    public const int SegmentCapacity = 128;

    /// <summary>Bytes after which a batch goes out although more is waiting, so that its buffers come back.</summary>
    public const int FullAt = 1 << 20;

    private readonly byte[] _block = GC.AllocateUninitializedArray<byte>(BlockLength, pinned: true);
    private int _used;
    private int _sealed;

    /// <summary>The segments, complete after <see cref="Seal"/>.</summary>
    public SendList List { get; } = new(SegmentCapacity);

    /// <summary>True when nothing was appended.</summary>
    public bool IsEmpty => _used == 0 && List.Count == 0;

    /// <summary>Segments that may still be referenced, each with a piece of the block around it.</summary>
    public int FreeSegments => (List.Capacity - List.Count - 1) / 2;

    /// <summary>True when so much fits.</summary>
    public bool HasRoom(int blockBytes, int segments) =>
        BlockLength - _used >= blockBytes && FreeSegments >= segments && List.ByteCount < FullAt;

    /// <summary>Appends bytes of the block, content undefined.</summary>
    public Span<byte> Append(int length)
    {
        Span<byte> bytes = _block.AsSpan(_used, length);
        _used += length;
        return bytes;
    }

    /// <summary>Appends a reference to memory that stays valid until the send is done.</summary>
    public void Append(DataSegment segment)
    {
        Seal();
        List.Add(segment);
    }

    /// <summary>Ends the current piece of the block.</summary>
    public void Seal()
    {
        if (_used == _sealed) return;
        int length = _used - _sealed;
        List.Add(new DataSegment(MemoryMarshal.CreateFromPinnedArray(_block, _sealed, length), Marshal.UnsafeAddrOfPinnedArrayElement(_block, _sealed)));
        _sealed = _used;
    }

    /// <summary>Empties it.</summary>
    public void Clear()
    {
        List.Clear();
        _used = 0;
        _sealed = 0;
    }
}
