using System.Buffers;
using System.Runtime.InteropServices;
using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.ContractShapes.Stores;

/// <summary>
/// Shape 13: a store that talks to its server through shared memory. Data that lie there already are moved without a copy; data from elsewhere are
/// copied there first. Its own memory it knows by the address.
/// </summary>
internal sealed unsafe class OwnBuffersStore : IBlockStore, IStoreBuffers
{
    private const int BufferLength = 4096;
    private const int BufferCount = 4;

    private readonly byte[] _disk;
    private readonly byte* _shared = (byte*)NativeMemory.AlignedAlloc(BufferLength * BufferCount, 4096);
    private readonly Stack<int> _free = new(Enumerable.Range(0, BufferCount));

    public OwnBuffersStore(int length) => _disk = new byte[length];

    public StoreInfo Info { get; } = new(StoreCapabilities.Write | StoreCapabilities.OwnBuffers, StoreExecution.Inline);

    public long Length => _disk.Length;

    public int Free => _free.Count;

    /// <summary>Bytes that had to be copied into shared memory.</summary>
    public long Copied { get; private set; }

    public DataBuffer? TryRent(int length)
    {
        lock (_free) return length <= BufferLength && _free.TryPop(out int index) ? new SharedBuffer(this, index, length) : null;
    }

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) => Move(offset, destination, isWrite: false);

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
        Move(offset, source, isWrite: true);

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => StorageResult.Ok.AsTask();

    public ValueTask DisposeAsync()
    {
        NativeMemory.AlignedFree(_shared);
        return default;
    }

    private ValueTask<StorageResult> Move(long offset, DataSlice data, bool isWrite)
    {
        if (!StoreRange.Fits(offset, data.Length, Length)) return StorageResult.FromStorageStatus(StorageStatus.OutOfRange).AsTask();
        foreach (DataSegment segment in data)
        {
            Span<byte> place = _disk.AsSpan((int)offset, segment.Length);
            if (!IsShared(segment)) Copied += segment.Length;
            if (isWrite) segment.Span.CopyTo(place);
            else place.CopyTo(segment.Span);
            offset += segment.Length;
        }

        return StorageResult.Ok.AsTask();
    }

    private bool IsShared(DataSegment segment) => segment.Pointer >= (nint)_shared && segment.Pointer < (nint)_shared + (BufferLength * BufferCount);

    private sealed class SharedBuffer(OwnBuffersStore owner, int index, int length) : DataBuffer
    {
        private readonly SharedMemory _memory = new((nint)owner._shared + (index * BufferLength), length);

        public override int Length => length;

        public override int SegmentCount => 1;

        public override DataSegment GetSegment(int segment) => new(_memory.Memory, (nint)owner._shared + (index * BufferLength));

        protected override void Dispose(bool disposing)
        {
            lock (owner._free) owner._free.Push(index);
        }
    }

    private sealed class SharedMemory(nint address, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new((void*)address, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new((void*)(address + elementIndex));

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
