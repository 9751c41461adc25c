using System.Collections.Concurrent;
using TgtModular.Buffers;

namespace TgtModular.Stores;

/// <summary>Memory of a filter's own for data on their way between it and the store beneath.</summary>
internal sealed class Scratch
{
    public Scratch(int length)
    {
        Bytes = GC.AllocateUninitializedArray<byte>(length, pinned: true);
        Buffer = DataBuffer.Wrap(Bytes);
    }

    public byte[] Bytes { get; }

    public DataBuffer Buffer { get; }
}

/// <summary>As many of them as calls need at once, used again and again.</summary>
/// <param name="length">Bytes of each.</param>
internal sealed class ScratchPool(int length)
{
    private readonly ConcurrentBag<Scratch> _free = [];

    public Scratch Take() => _free.TryTake(out Scratch? free) ? free : new Scratch(length);

    public void Return(Scratch scratch) => _free.Add(scratch);
}
