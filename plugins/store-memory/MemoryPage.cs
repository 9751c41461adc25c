namespace TgtModular.Stores;

/// <summary>
/// A megabyte of the disk. Writers hold the page's lock; readers take no lock: they copy and look whether a writer was there meanwhile (a
/// sequence lock), so that a read sees each page as it stood between two writes. Page objects live as long as the store: only their data come
/// and go, so whoever holds one never writes to memory that is no longer part of the disk.
/// </summary>
internal sealed class MemoryPage
{
    public const int Length = 1 << 20;

    /// <summary>A reader that lost this many races takes the lock: on a page that is written without pause it would never end.</summary>
    private const int OptimisticReads = 4;

    private byte[]? _data;
    private int _version;

    /// <summary>True when the page takes memory.</summary>
    public bool IsAllocated => Volatile.Read(ref _data) is not null;

    /// <summary>Copies out of the page; a page without data is zero.</summary>
    public void Read(int offset, Span<byte> destination)
    {
        for (int attempt = 0; attempt < OptimisticReads; attempt++)
        {
            int before = Volatile.Read(ref _version);
            if ((before & 1) != 0) continue;
            CopyOut(offset, destination);
            Volatile.ReadBarrier();
            if (Volatile.Read(ref _version) == before) return;
        }

        lock (this) CopyOut(offset, destination);
    }

    /// <summary>Takes memory for the page; the caller holds its lock.</summary>
    /// <exception cref="OutOfMemoryException">There is none.</exception>
    public byte[] AllocateLocked()
    {
        if (_data is { } present) return present;
        byte[] data = GC.AllocateArray<byte>(Length);
        Volatile.Write(ref _data, data);
        return data;
    }

    /// <summary>Copies into the page; the caller holds its lock.</summary>
    public void WriteLocked(int offset, ReadOnlySpan<byte> source)
    {
        byte[] data = AllocateLocked();
        BeginWrite();
        source.CopyTo(data.AsSpan(offset));
        EndWrite();
    }

    /// <summary>Compares with the page; the caller holds its lock.</summary>
    /// <returns>Index of the first difference, -1 when there is none.</returns>
    public int CompareLocked(int offset, ReadOnlySpan<byte> expected)
    {
        int common = _data is null
            ? expected.IndexOfAnyExcept((byte)0)
            : expected.CommonPrefixLength(_data.AsSpan(offset, expected.Length));
        return common == expected.Length ? -1 : common;
    }

    /// <summary>Makes a range zero; gives the memory back when it is the whole page. The caller holds its lock.</summary>
    public void ClearLocked(int offset, int length)
    {
        if (_data is null) return;
        BeginWrite();
        if (length == Length) Volatile.Write(ref _data, null);
        else _data.AsSpan(offset, length).Clear();
        EndWrite();
    }

    private void CopyOut(int offset, Span<byte> destination)
    {
        if (Volatile.Read(ref _data) is { } data) data.AsSpan(offset, destination.Length).CopyTo(destination);
        else destination.Clear();
    }

    private void BeginWrite()
    {
        Volatile.Write(ref _version, _version + 1);
        Volatile.WriteBarrier();
    }

    private void EndWrite() => Volatile.Write(ref _version, _version + 1);
}
