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
