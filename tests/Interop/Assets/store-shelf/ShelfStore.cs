using System.Collections.Concurrent;
using TgtModular.Buffers;
using TgtModular.Storage;

namespace Shelf;

/// <summary>
/// A file with a cache in front that only a flush empties: what is closed without one has lost its writes. It has a lock on its file, and answers nothing when it is over.
/// While there is a file <c>PATH.hangs</c>, no call returns.
/// </summary>
internal sealed class ShelfStore : IBlockStore
{
    private const int BlockLength = 512;

    private readonly ConcurrentDictionary<long, byte[]> _cache = new();
    private readonly SemaphoreSlim _flushing = new(1);
    private readonly FileStream _file;
    private readonly string _hangs;
    private volatile bool _over;

    public ShelfStore(string path, long size, int alignment)
    {
        _hangs = path + ".hangs";
        try
        {
            _file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException fault)
        {
            throw new StoreOpenException(fault.Message, fault);
        }

        if (_file.Length < size) _file.SetLength(size);
        Info = new StoreInfo(StoreCapabilities.Write | StoreCapabilities.VolatileCache, StoreExecution.Asynchronous) { Alignment = alignment };
    }

    public StoreInfo Info { get; }

    public long Length => _file.Length;

    public async ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        await ArriveAsync();
        if (_over) return StorageStatus.Unavailable;
        byte[] bytes = new byte[destination.Length];
        // The cache is asked first: what it has not any more is in the file by then.
        byte[]?[] cached = [.. Enumerable.Range(0, bytes.Length / BlockLength).Select(block => _cache.GetValueOrDefault(offset + block * BlockLength))];
        int count = RandomAccess.Read(_file.SafeFileHandle, bytes, offset);
        if (count != bytes.Length) return StorageStatus.ReadError;
        for (int block = 0; block < cached.Length; block++) cached[block]?.CopyTo(bytes, block * BlockLength);

        destination.CopyFrom(bytes);
        return _over ? StorageStatus.Unavailable : StorageResult.Ok;
    }

    public async ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        await ArriveAsync();
        if (_over) return StorageStatus.Unavailable;
        byte[] bytes = new byte[source.Length];
        source.CopyTo(bytes);
        for (int at = 0; at < bytes.Length; at += BlockLength) _cache[offset + at] = bytes[at..(at + BlockLength)];
        return _over ? StorageStatus.Unavailable : options.HasFlag(WriteOptions.ForceUnitAccess) ? await FlushAsync(cancellationToken) : StorageResult.Ok;
    }

    public async ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken)
    {
        await ArriveAsync();
        if (_over) return StorageStatus.Unavailable;
        await _flushing.WaitAsync(CancellationToken.None);
        foreach ((long offset, byte[] block) in _cache)
        {
            RandomAccess.Write(_file.SafeFileHandle, block, offset);
            _ = _cache.TryRemove(new KeyValuePair<long, byte[]>(offset, block));
        }

        _ = _flushing.Release();
        return StorageResult.Ok;
    }

    public ValueTask DisposeAsync()
    {
        _over = true;
        return _file.DisposeAsync();
    }

    private async ValueTask ArriveAsync()
    {
        await Task.Yield();
        while (File.Exists(_hangs)) await Task.Delay(20, CancellationToken.None);
    }
}
