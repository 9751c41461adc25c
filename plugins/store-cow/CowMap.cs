using System.Numerics;

namespace TgtModular.Stores;

/// <summary>
/// Which clusters the delta has: one bit each, and bits are only ever set. A bit counts as soon as its block of the map was written; until then it is only wanted.
/// </summary>
internal sealed class CowMap
{
    private const int BitsPerWord = 64;
    private const int WordsPerBlock = CowLayout.BlockLength / sizeof(ulong);

    private readonly CowLayout _layout;
    private readonly ulong[] _there;
    private readonly ulong[] _wanted;

    /// <summary>An empty map.</summary>
    public CowMap(CowLayout layout)
    {
        _layout = layout;
        _there = new ulong[(long)layout.MapBlocks * WordsPerBlock];
        _wanted = new ulong[_there.LongLength];
    }

    /// <summary>Number of the block that speaks of a cluster.</summary>
    public static int BlockOf(long cluster) => (int)(cluster / CowLayout.ClustersPerBlock);

    /// <summary>True when the delta has the cluster.</summary>
    public bool Has(long cluster) => (Volatile.Read(ref _there[cluster / BitsPerWord]) & Bit(cluster)) != 0;

    /// <summary>The cluster is in the delta, on stable storage: its bit goes along with the next block that is written.</summary>
    public void Want(long cluster) => _ = Interlocked.Or(ref _wanted[cluster / BitsPerWord], Bit(cluster));

    /// <summary>The block could not be written: the bit is wanted no longer.</summary>
    public void GiveUp(long cluster)
    {
        if (!Has(cluster)) _ = Interlocked.And(ref _wanted[cluster / BitsPerWord], ~Bit(cluster));
    }

    /// <summary>A block as it is to be written.</summary>
    public void CopyWanted(int block, Span<byte> destination)
    {
        for (int i = 0; i < WordsPerBlock; i++)
            _ = BitConverter.TryWriteBytes(destination[(i * sizeof(ulong))..], Volatile.Read(ref _wanted[WordAt(block, i)]));
    }

    /// <summary>A block was written as it stands here.</summary>
    public void Written(int block, ReadOnlySpan<byte> source)
    {
        for (int i = 0; i < WordsPerBlock; i++)
        {
            ulong word = BitConverter.ToUInt64(source[(i * sizeof(ulong))..]);
            if (word != 0) _ = Interlocked.Or(ref _there[WordAt(block, i)], word);
        }
    }

    /// <summary>Takes over a block as the delta has it.</summary>
    /// <returns>False when it speaks of clusters that there are not.</returns>
    public bool Load(int block, ReadOnlySpan<byte> source)
    {
        for (int i = 0; i < WordsPerBlock; i++)
            _there[WordAt(block, i)] = _wanted[WordAt(block, i)] = BitConverter.ToUInt64(source[(i * sizeof(ulong))..]);
        long first = (long)block * CowLayout.ClustersPerBlock;
        for (long cluster = Math.Max(first, _layout.Clusters); cluster < first + CowLayout.ClustersPerBlock; cluster++)
        {
            if (Has(cluster)) return false;
        }

        return true;
    }

    /// <summary>Clusters that the delta has.</summary>
    public long Count()
    {
        long count = 0;
        foreach (ulong word in _there) count += BitOperations.PopCount(word);
        return count;
    }

    private static long WordAt(int block, int index) => ((long)block * WordsPerBlock) + index;

    private static ulong Bit(long cluster) => 1UL << (int)(cluster % BitsPerWord);
}
