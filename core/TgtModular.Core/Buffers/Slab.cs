using System.Runtime.InteropServices;
using TgtModular.Buffers;

namespace TgtModular.Core.Buffers;

/// <summary>Pinned memory that a <see cref="BufferPool"/> carves into blocks of one size at a time.</summary>
/// <param name="sizes">How many sizes there are.</param>
internal sealed class Slab(int sizes)
{
    /// <summary>Bytes.</summary>
    public const int Length = 2 << 20;

    private readonly byte[] _memory = GC.AllocateUninitializedArray<byte>(Length + BufferPool.SmallestBlock, pinned: true);

    /// <summary>What it was carved to before, by size: kept, so that going back and forth between sizes does not allocate.</summary>
    private readonly PooledBuffer[]?[] _carvings = new PooledBuffer[]?[sizes];

    /// <summary>The size it is carved to; the pool's growth lock protects it.</summary>
    public int SizeClass { get; private set; }

    /// <summary>How many blocks it is carved to.</summary>
    public int Blocks { get; private set; }

    /// <summary>How many of them are free; the lock of the size class protects it.</summary>
    public int FreeBlocks { get; set; }

    /// <summary>Carves it to another size; none of its blocks is on lease.</summary>
    public PooledBuffer[] Carve(BufferPool pool, int sizeClass, int blockLength)
    {
        PooledBuffer[] blocks = _carvings[sizeClass] ??= MakeBlocks(pool, sizeClass, blockLength);
        SizeClass = sizeClass;
        Blocks = blocks.Length;
        return blocks;
    }

    private PooledBuffer[] MakeBlocks(BufferPool pool, int sizeClass, int blockLength)
    {
        nint start = Marshal.UnsafeAddrOfPinnedArrayElement(_memory, 0);
        int first = (int)(((start + BufferPool.SmallestBlock - 1) & ~(nint)(BufferPool.SmallestBlock - 1)) - start);
        PooledBuffer[] blocks = new PooledBuffer[Length / blockLength];
        for (int i = 0; i < blocks.Length; i++)
        {
            int offset = first + (i * blockLength);
            blocks[i] = new PooledBuffer(
                pool, this, sizeClass, new DataSegment(MemoryMarshal.CreateFromPinnedArray(_memory, offset, blockLength), start + offset));
        }

        return blocks;
    }
}
