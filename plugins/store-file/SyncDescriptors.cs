using TgtModular.Stores.Native;

namespace TgtModular.Stores;

/// <summary>
/// Descriptors for writes that must be stable when they return. The kernel reports a failed write-back once to each open file: two writes at a time on one
/// descriptor, and the first to ask takes the report for both. So each has a descriptor of its own while it lasts.
/// </summary>
internal sealed class SyncDescriptors<TSystem>(TSystem system, OpenedFile file) : IDisposable
    where TSystem : struct, ISystemCalls
{
    private const int Most = 64;

    private readonly Lock _gate = new();
    private readonly Stack<int> _free = new();
    private int _count;

    /// <summary>True as long as not all that may be are open.</summary>
    public bool MayOpen
    {
        get
        {
            lock (_gate) return _count < Most;
        }
    }

    /// <summary>Takes a descriptor that is open already.</summary>
    public bool TryRentOpen(out int descriptor)
    {
        lock (_gate) return _free.TryPop(out descriptor);
    }

    /// <summary>Takes a descriptor, a new one if need be; -1 when there is none to be had.</summary>
    public int Rent()
    {
        lock (_gate)
        {
            if (_free.TryPop(out int descriptor)) return descriptor;
            if (_count == Most) return -1;
            _count++;
        }

        int opened = system.Reopen(file.Descriptor, file.Cache);
        if (opened >= 0) return opened;
        lock (_gate) _count--;
        return -1;
    }

    public void Return(int descriptor)
    {
        lock (_gate) _free.Push(descriptor);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            while (_free.TryPop(out int descriptor)) _ = Libc.Close(descriptor);
        }
    }
}
