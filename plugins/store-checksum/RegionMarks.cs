using System.Numerics;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>
/// Which regions are marked: one byte each, all ones or all zeroes, so that bits that turned over do not make a mark of none. A region is marked on stable storage before it is written, and
/// the mark is taken away after its data and its sums are there. After a crash the sums of marked regions are taken anew.
/// </summary>
internal sealed class RegionMarks(SumsFile file, ChecksumLayout layout)
{
    private const byte Marked = byte.MaxValue;
    private const int Undecided = 4; // bits of eight

    private readonly Lock _gate = new();
    private readonly byte[] _marks = new byte[(long)layout.MapBlocks * ChecksumLayout.RegionsPerMap];

    /// <summary>Reads the map.</summary>
    /// <returns>How many marks had bits that turned over, and are read as what they were.</returns>
    /// <exception cref="StoreOpenException">It cannot be read, or a mark is beyond recognition.</exception>
    public async ValueTask<int> LoadAsync()
    {
        int mended = 0;
        for (int block = 0; block < layout.MapBlocks; block++)
        {
            int from = block * ChecksumLayout.RegionsPerMap;
            long offset = ChecksumLayout.MapOffset(block);
            await file.LoadAsync(offset, bytes => bytes.CopyTo(_marks.AsSpan(from)));
            mended += Mend(_marks.AsSpan(from, ChecksumLayout.RegionsPerMap), offset);
        }

        return mended;
    }

    /// <summary>The regions that are marked.</summary>
    public IEnumerable<long> All()
    {
        for (long region = 0; region < layout.Regions; region++)
        {
            if (_marks[region] == Marked) yield return region;
        }
    }

    /// <summary>Marks or unmarks a region, here only.</summary>
    public void Set(long region, bool marked)
    {
        lock (_gate) _marks[region] = marked ? Marked : (byte)0;
    }

    /// <summary>Number of the block that speaks of a region.</summary>
    public static long BlockOf(long region) => region / ChecksumLayout.RegionsPerMap;

    /// <summary>Writes a block of the map.</summary>
    /// <param name="block">Which.</param>
    /// <param name="options">Marks need force unit access; what is unmarked may wait.</param>
    /// <param name="taken">Called just before the marks are taken for writing.</param>
    public ValueTask<StorageResult> WriteAsync(long block, WriteOptions options, Action? taken = null) => file.WriteAsync(
        ChecksumLayout.MapOffset(block),
        bytes =>
        {
            taken?.Invoke();
            lock (_gate) _marks.AsSpan((int)(block * ChecksumLayout.RegionsPerMap), ChecksumLayout.RegionsPerMap).CopyTo(bytes);
        },
        options);

    private static int Mend(Span<byte> marks, long offset)
    {
        int mended = 0;
        for (int i = 0; i < marks.Length; i++)
        {
            if (marks[i] is 0 or Marked) continue;
            int bits = BitOperations.PopCount(marks[i]);
            if (bits == Undecided)
                throw new StoreOpenException($"the map of the sums is damaged at byte {offset + i}: restore the store of sums from a backup of the same moment, or take the data as they are with an empty one and adopt = true");
            marks[i] = bits > Undecided ? Marked : (byte)0;
            mended++;
        }

        return mended;
    }
}
