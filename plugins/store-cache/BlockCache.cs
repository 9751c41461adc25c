namespace TgtModular.Stores;

/// <summary>
/// Blocks in memory, in sets of a few: a block has its set, and takes the place of the one in it that was not asked for the longest. Each set has a lock that is held for a copy, never for a
/// call into a store, and counts what made it stale.
/// </summary>
internal sealed class BlockCache
{
    /// <summary>Blocks of a set.</summary>
    public const int Ways = 8;

    private readonly Set[] _sets;

    /// <summary>A cache of at most so many bytes.</summary>
    public BlockCache(long size, int blockLength)
    {
        BlockLength = blockLength;
        _sets = new Set[size / ((long)blockLength * Ways)];
        for (int i = 0; i < _sets.Length; i++) _sets[i] = new Set(blockLength);
    }

    /// <summary>Bytes of a block.</summary>
    public int BlockLength { get; }

    /// <summary>What counts up whenever a block of the set became stale: read before a block is fetched, and given with it.</summary>
    public long GenerationOf(long block)
    {
        Set set = SetOf(block);
        lock (set.Gate) return set.Generation;
    }

    /// <summary>Copies a part of a block out.</summary>
    /// <returns>False when it is not here.</returns>
    public bool TryCopy(long block, int start, Buffers.DataSlice destination)
    {
        Set set = SetOf(block);
        lock (set.Gate)
        {
            int way = Array.IndexOf(set.Blocks, block);
            if (way < 0) return false;
            set.Touch(way);
            destination.CopyFrom(set.BytesOf(way, BlockLength).Slice(start, destination.Length));
            return true;
        }
    }

    /// <summary>Takes a block in that was fetched, unless something became stale in its set meanwhile.</summary>
    public void Add(long block, ReadOnlySpan<byte> bytes, long generation)
    {
        Set set = SetOf(block);
        lock (set.Gate)
        {
            if (set.Generation != generation) return;
            int way = Array.IndexOf(set.Blocks, block);
            if (way < 0) way = set.Oldest();
            set.Blocks[way] = block;
            set.Touch(way);
            bytes.CopyTo(set.BytesOf(way, BlockLength));
        }
    }

    /// <summary>Blocks became stale: they are forgotten, and those that are being fetched are not taken in.</summary>
    public void Forget(long first, long last)
    {
        if (last - first >= _sets.Length)
        {
            ForgetAll();
            return;
        }

        for (long block = first; block <= last; block++)
        {
            Set set = SetOf(block);
            lock (set.Gate)
            {
                set.Generation++;
                int way = Array.IndexOf(set.Blocks, block);
                if (way >= 0) set.Blocks[way] = Set.Nothing;
            }
        }
    }

    /// <summary>Everything became stale.</summary>
    public void ForgetAll()
    {
        foreach (Set set in _sets)
        {
            lock (set.Gate)
            {
                set.Generation++;
                Array.Fill(set.Blocks, Set.Nothing);
            }
        }
    }

    // Neighbours have neighbouring sets; the product keeps disks with strides of powers of two from using a few sets only.
    private Set SetOf(long block) => _sets[(int)((((ulong)block * 0x9E3779B97F4A7C15) >> 20) % (ulong)_sets.Length)];

    private sealed class Set
    {
        public const long Nothing = -1;

        private readonly byte[] _bytes;
        private readonly long[] _used = new long[Ways];
        private long _clock;

        public Set(int blockLength)
        {
            _bytes = GC.AllocateUninitializedArray<byte>(blockLength * Ways, pinned: true);
            Array.Fill(Blocks, Nothing);
        }

        public Lock Gate { get; } = new();

        public long Generation { get; set; }

        public long[] Blocks { get; } = new long[Ways];

        public Span<byte> BytesOf(int way, int blockLength) => _bytes.AsSpan(way * blockLength, blockLength);

        public void Touch(int way) => _used[way] = ++_clock;

        public int Oldest()
        {
            int free = Array.IndexOf(Blocks, Nothing);
            return free >= 0 ? free : Array.IndexOf(_used, _used.Min());
        }
    }
}
