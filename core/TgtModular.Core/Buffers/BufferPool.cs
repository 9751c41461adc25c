using System.Numerics;
using System.Runtime.CompilerServices;
using TgtModular.Buffers;

namespace TgtModular.Core.Buffers;

/// <summary>
/// Pinned memory in power-of-two blocks from 4 KiB to 1 MiB, each aligned to its page, carved from 2 MiB slabs; the sum of all slabs never exceeds the
/// bound. At the bound a slab with no block on lease is carved anew for the size that is wanted, and a longer block serves where there is none: a size
/// that was in demand once cannot starve the others. Renting allocates only while the pool grows or a slab is carved to a size for the first time.
/// </summary>
public sealed class BufferPool : IBufferPool
{
    /// <summary>Bytes of the smallest block; also the alignment of every block (direct I/O needs the logical block size of the disk).</summary>
    public const int SmallestBlock = 4096;

    /// <summary>Bytes of the largest block; longer leases are made of several.</summary>
    public const int LargestBlock = 1 << 20;

    private const int SmallestShift = 12;

    private readonly SizeClass[] _classes;
    private readonly Lock _growth = new();
    private readonly List<Slab> _slabs = [];
    private readonly long _maximumBytes;
    private long _slabBytes;
    private long _leasedBytes;

    /// <summary>A pool of at most <paramref name="maximumBytes"/>.</summary>
    /// <param name="maximumBytes">Bytes; at least one slab of 2 MiB is always granted.</param>
    public BufferPool(long maximumBytes)
    {
        _maximumBytes = Math.Max(maximumBytes, Slab.Length);
        _classes = new SizeClass[BitOperations.Log2(LargestBlock) - SmallestShift + 1];
        for (int i = 0; i < _classes.Length; i++) _classes[i] = new SizeClass();
    }

    /// <summary>Bytes out on lease now, counted in whole blocks.</summary>
    public long LeasedBytes => Volatile.Read(ref _leasedBytes);

    /// <summary>Bytes that may still go out on lease.</summary>
    public long FreeBytes => _maximumBytes - LeasedBytes;

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
        PooledBuffer? buffer = _classes[index].Pop() ?? Grow(index) ?? PopLonger(index);
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
        lock (_growth)
        {
            if (sizeClass.Pop() is { } returned) return returned;
            if ((AddSlab() ?? TakeIdleSlab(index)) is not { } slab) return null;
            sizeClass.Add(slab, slab.Carve(this, index, SmallestBlock << index));
            return sizeClass.Pop();
        }
    }

    private Slab? AddSlab()
    {
        if (_slabBytes + Slab.Length > _maximumBytes) return null;
        Slab slab = new(_classes.Length);
        _slabs.Add(slab);
        Volatile.Write(ref _slabBytes, _slabBytes + Slab.Length);
        return slab;
    }

    /// <summary>Takes a slab from another size that has all its blocks.</summary>
    private Slab? TakeIdleSlab(int index)
    {
        foreach (Slab slab in _slabs)
        {
            if (slab.SizeClass != index && _classes[slab.SizeClass].TryWithdraw(slab)) return slab;
        }

        return null;
    }

    private PooledBuffer? PopLonger(int index)
    {
        PooledBuffer? buffer = null;
        while (buffer is null && ++index < _classes.Length) buffer = _classes[index].Pop();
        return buffer;
    }

    /// <summary>A stack of free blocks; the lock is held for a handful of instructions, and longer only to withdraw a slab.</summary>
    private sealed class SizeClass
    {
        private SpinLock _lock = new(enableThreadOwnerTracking: false);
        private PooledBuffer?[] _free = new PooledBuffer?[64];
        private int _count;
        private int _total;

        /// <summary>Takes in the blocks of a slab. One caller at a time.</summary>
        public void Add(Slab slab, PooledBuffer[] blocks)
        {
            // Room for every block there is, so that returning one never allocates.
            _total += blocks.Length;
            PooledBuffer?[] larger = _free.Length >= _total ? _free : new PooledBuffer?[Math.Max(_total, _free.Length * 2)];
            bool taken = false;
            _lock.Enter(ref taken);
            if (larger != _free) Array.Copy(_free, larger, _count);
            _free = larger;
            blocks.CopyTo(_free, _count);
            _count += blocks.Length;
            slab.FreeBlocks = blocks.Length;
            _lock.Exit();
        }

        /// <summary>Gives up the blocks of a slab if all of them are free. One caller at a time.</summary>
        public bool TryWithdraw(Slab slab)
        {
            bool taken = false;
            _lock.Enter(ref taken);
            bool idle = slab.FreeBlocks == slab.Blocks;
            if (idle)
            {
                int kept = 0;
                for (int i = 0; i < _count; i++)
                {
                    if (_free[i]!.Slab != slab) _free[kept++] = _free[i];
                }

                Array.Clear(_free, kept, _count - kept);
                _count = kept;
                _total -= slab.Blocks;
            }

            _lock.Exit();
            return idle;
        }

        public void Push(PooledBuffer buffer)
        {
            bool taken = false;
            _lock.Enter(ref taken);
            _free[_count++] = buffer;
            buffer.Slab.FreeBlocks++;
            _lock.Exit();
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public PooledBuffer? Pop()
        {
            bool taken = false;
            _lock.Enter(ref taken);
            PooledBuffer? buffer = null;
            if (_count > 0)
            {
                buffer = _free[--_count]!;
                buffer.Slab.FreeBlocks--;
            }

            _lock.Exit();
            return buffer;
        }
    }
}
