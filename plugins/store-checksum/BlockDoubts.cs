using System.Collections.Concurrent;
using TgtModular.Buffers;

namespace TgtModular.Stores;

/// <summary>
/// Blocks whose write failed while the data could not be read back: they may be what they were, or what they were to become, and either is right. Which it is shows when they are read.
/// </summary>
internal sealed class BlockDoubts(BlockSum sum)
{
    private const int Most = 1 << 16;

    private readonly ConcurrentDictionary<long, uint[]> _others = new();

    /// <summary>A block may have this sum, too.</summary>
    public void Add(long block, uint other)
    {
        if (_others.Count >= Most) return; // then a read of it fails, if it is not what it was
        _ = _others.AddOrUpdate(block, _ => [other], (_, known) => [.. known, other]);
    }

    /// <summary>Finds the sum that a block has by its bytes.</summary>
    public bool TryResolve(long block, DataSlice data, out uint found)
    {
        found = 0;
        if (_others.IsEmpty || !_others.TryGetValue(block, out uint[]? others)) return false;
        foreach (uint other in others)
        {
            if (!sum.Matches(other, block, data)) continue;
            found = other;
            return true;
        }

        return false;
    }

    /// <summary>Blocks were written.</summary>
    public void Forget(long first, int count)
    {
        if (_others.IsEmpty) return;
        for (long block = first; block < first + count; block++) _ = _others.TryRemove(block, out _);
    }
}
