using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TgtModular.Iscsi.Channels.Epoll;

/// <summary>An array of struct epoll_event, which is packed on x86-64 and nowhere else.</summary>
internal sealed unsafe class EventList(int capacity)
{
    private static readonly int KeyOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int Stride = KeyOffset + sizeof(ulong);

    private readonly byte[] _bytes = GC.AllocateArray<byte>(capacity * Stride, pinned: true);

    public int Capacity => capacity;

    public void* Pointer => (void*)Marshal.UnsafeAddrOfPinnedArrayElement(_bytes, 0);

    /// <summary>What happened, or is wanted.</summary>
    public uint EventsOf(int index) => Unsafe.ReadUnaligned<uint>(ref _bytes[index * Stride]);

    /// <summary>To whom.</summary>
    public ulong KeyOf(int index) => Unsafe.ReadUnaligned<ulong>(ref _bytes[(index * Stride) + KeyOffset]);

    public void Set(int index, uint events, ulong key)
    {
        Unsafe.WriteUnaligned(ref _bytes[index * Stride], events);
        Unsafe.WriteUnaligned(ref _bytes[(index * Stride) + KeyOffset], key);
    }
}
