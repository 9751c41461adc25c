using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TgtModular.Buffers;

namespace TgtModular.Core.Buffers;

/// <summary>
/// Pinned memory in power-of-two blocks from 4 KiB to 1 MiB, each aligned to its page, carved from 2 MiB slabs. What was carved for one size stays
/// with it; the sum of all slabs never exceeds the bound. Renting allocates only while the pool grows.
/// </summary>
public sealed class BufferPool : IBufferPool
{
    /// <summary>Bytes of the smallest block; also the alignment of every block (direct I/O needs the logical block size of the disk).</summary>
    public const int SmallestBlock = 4096;

    /// <summary>Bytes of the largest block; longer leases are made of several.</summary>
    public const int LargestBlock = 1 << 20;

    private const int SlabLength = 2 << 20;
    private const int SmallestShift = 12;

    private readonly SizeClass[] _classes;
    private readonly long _maximumBytes;
    private long _slabBytes;
    private long _leasedBytes;

    /// <summary>A pool of at most <paramref name="maximumBytes"/>.</summary>
    /// <param name="maximumBytes">Bytes; at least one slab of 2 MiB is always granted.</param>
    public BufferPool(long maximumBytes)
    {
        _maximumBytes = Math.Max(maximumBytes, SlabLength);
        _classes = new SizeClass[BitOperations.Log2(LargestBlock) - SmallestShift + 1];
        for (int i = 0; i < _classes.Length; i++) _classes[i] = new SizeClass();
    }

    /// <summary>Bytes out on lease now, counted in whole blocks.</summary>
    public long LeasedBytes => Volatile.Read(ref _leasedBytes);

    /// <summary>Bytes taken from the runtime so far.</summary>
    public long ReservedBytes => Volatile.Read(ref _slabBytes);

    /// <inheritdoc/>
    public DataBuffer? TryRent(int length, string tag)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        return length <= LargestBlock ? TryRentBlock(length, tag) : TryRentComposite(length, tag);
    }

    internal void Return(PooledBuffer buffer)
    {
        Interlocked.Add(ref _leasedBytes, -buffer.Capacity);
        _classes[buffer.SizeClass].Push(buffer);
    }

    private PooledBuffer? TryRentBlock(int length, string tag)
    {
        int index = length <= SmallestBlock ? 0 : BitOperations.Log2((uint)length - 1) + 1 - SmallestShift;
        PooledBuffer? buffer = _classes[index].Pop() ?? Grow(index);
        if (buffer is null) return null;
        buffer.Lease(length, tag);
        Interlocked.Add(ref _leasedBytes, buffer.Capacity);
        return buffer;
    }

    private CompositeBuffer? TryRentComposite(int length, string tag)
    {
        PooledBuffer[] blocks = new PooledBuffer[(length + LargestBlock - 1) / LargestBlock];
        for (int i = 0; i < blocks.Length; i++)
        {
            PooledBuffer? block = TryRentBlock(Math.Min(LargestBlock, length - (i * LargestBlock)), tag);
            if (block is null)
            {
                for (int rented = 0; rented < i; rented++) blocks[rented].Dispose();
                return null;
            }

            blocks[i] = block;
        }

        return new CompositeBuffer(blocks);
    }

    private PooledBuffer? Grow(int index)
    {
        SizeClass sizeClass = _classes[index];
        lock (sizeClass)
        {
            if (sizeClass.Pop() is { } returned) return returned;
            if (Interlocked.Add(ref _slabBytes, SlabLength) > _maximumBytes)
            {
                Interlocked.Add(ref _slabBytes, -SlabLength);
                return null;
            }

            byte[] slab = GC.AllocateUninitializedArray<byte>(SlabLength + SmallestBlock, pinned: true);
            nint start = Marshal.UnsafeAddrOfPinnedArrayElement(slab, 0);
            int offset = (int)(((start + SmallestBlock - 1) & ~(nint)(SmallestBlock - 1)) - start);
            int blockLength = SmallestBlock << index;
            int count = SlabLength / blockLength;
            sizeClass.Reserve(count);
            for (int i = 1; i < count; i++) sizeClass.Push(MakeBlock(slab, start, offset + (i * blockLength), blockLength, index));
            return MakeBlock(slab, start, offset, blockLength, index);
        }
    }

    private PooledBuffer MakeBlock(byte[] slab, nint start, int offset, int length, int index) =>
        new(this, index, new DataSegment(MemoryMarshal.CreateFromPinnedArray(slab, offset, length), start + offset));

    /// <summary>A stack of free blocks; the lock is held for a handful of instructions.</summary>
    private sealed class SizeClass
    {
        private SpinLock _lock = new(enableThreadOwnerTracking: false);
        private PooledBuffer?[] _free = new PooledBuffer?[64];
        private int _count;
        private int _total;

        /// <summary>Makes room for blocks about to exist, so that returning one never allocates.</summary>
        public void Reserve(int blocks)
        {
            _total += blocks;
            if (_free.Length >= _total) return;
            PooledBuffer?[] larger = new PooledBuffer?[Math.Max(_total, _free.Length * 2)];
            bool taken = false;
            _lock.Enter(ref taken);
            Array.Copy(_free, larger, _count);
            _free = larger;
            _lock.Exit();
        }

        public void Push(PooledBuffer buffer)
        {
            bool taken = false;
            _lock.Enter(ref taken);
            _free[_count++] = buffer;
            _lock.Exit();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public PooledBuffer? Pop()
        {
            bool taken = false;
            _lock.Enter(ref taken);
            PooledBuffer? buffer = _count == 0 ? null : _free[--_count];
            _lock.Exit();
            return buffer;
        }
    }
}
