using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>
/// A disk in pages that take memory from their first write until they are discarded. Calls for one page are ordered by its lock; a call that
/// spans pages takes them one after the other, but for compare-and-write, which holds all of its pages.
/// </summary>
internal sealed class MemoryStore : IBlockStore
{
    private readonly Lock _growth = new();
    private readonly long _largestSize;
    private readonly IStoreObserver _observer;
    private MemoryPage?[] _pages;
    private long _length;
    private volatile bool _disposed;

    public MemoryStore(long length, long largestSize, IStoreObserver observer)
    {
        _length = length;
        _largestSize = largestSize;
        _observer = observer;
        _pages = new MemoryPage?[PageCount(length)];
    }

    public StoreInfo Info { get; } = new(
        StoreCapabilities.Write | StoreCapabilities.Discard | StoreCapabilities.DiscardReadsZero | StoreCapabilities.WriteZeroes |
        StoreCapabilities.CompareAndWrite | StoreCapabilities.AllocationMap | StoreCapabilities.Resize,
        StoreExecution.Inline)
    {
        DiscardGranularity = MemoryPage.Length,
        PhysicalBlockLength = 4096,
        RotationRate = 1,
    };

    public long Length => Volatile.Read(ref _length);

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        if (TryRefuse(offset, destination.Length, cancellationToken, out StorageResult refusal)) return refusal.AsTask();
        MemoryPage?[] pages = Volatile.Read(ref _pages);
        foreach (DataSegment segment in destination)
        {
            Span<byte> rest = segment.Span;
            while (!rest.IsEmpty)
            {
                PagePart part = PagePart.First(offset, rest.Length);
                if (Volatile.Read(ref pages[part.Index]) is { } page) page.Read(part.Offset, rest[..part.Length]);
                else rest[..part.Length].Clear();
                rest = rest[part.Length..];
                offset += part.Length;
            }
        }

        return StorageResult.Ok.AsTask();
    }

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        if (TryRefuse(offset, source.Length, cancellationToken, out StorageResult refusal)) return refusal.AsTask();
        foreach (DataSegment segment in source)
        {
            StorageResult result = WriteSegment(offset, segment.Span);
            if (!result.IsOk) return result.AsTask();
            offset += segment.Length;
        }

        return StorageResult.Ok.AsTask();
    }

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken)
    {
        _ = TryRefuse(0, 0, cancellationToken, out StorageResult result);
        return result.AsTask();
    }

    public ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken)
    {
        if (TryRefuse(offset, length, cancellationToken, out StorageResult refusal)) return refusal.AsTask();
        Clear(offset, length);
        return StorageResult.Ok.AsTask();
    }

    public ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken) =>
        DiscardAsync(offset, length, cancellationToken);

    public ValueTask<StorageResult> CompareAndWriteAsync(
        long offset, DataSlice expected, DataSlice replacement, WriteOptions options, CancellationToken cancellationToken)
    {
        if (TryRefuse(offset, expected.Length, cancellationToken, out StorageResult refusal)) return refusal.AsTask();
        if (replacement.Length != expected.Length) return StorageResult.FromStorageStatus(StorageStatus.OutOfRange).AsTask();
        if (expected.IsEmpty) return StorageResult.Ok.AsTask();
        int first = PagePart.First(offset, 1).Index;
        int last = PagePart.First(offset + expected.Length - 1, 1).Index;
        int held = first;
        try
        {
            // Ascending order: two calls over the same pages cannot wait for each other.
            for (; held <= last; held++) Monitor.Enter(GetOrAddPage(held));
            return CompareAndWriteLocked(offset, expected, replacement, first, last).AsTask();
        }
        catch (OutOfMemoryException)
        {
            return StorageResult.FromStorageStatus(StorageStatus.OutOfSpace).AsTask();
        }
        finally
        {
            while (--held >= first) Monitor.Exit(GetOrAddPage(held));
        }
    }

    public StorageResult GetExtent(long offset, long length, out StoreExtent extent)
    {
        extent = default;
        if (TryRefuse(offset, length, CancellationToken.None, out StorageResult refusal)) return refusal;
        if (length == 0) return StorageStatus.OutOfRange;
        MemoryPage?[] pages = Volatile.Read(ref _pages);
        PagePart part = PagePart.First(offset, length);
        bool allocated = IsAllocated(pages, part.Index);
        long run = part.Length;
        for (int index = part.Index + 1; run < length && IsAllocated(pages, index) == allocated; index++) run += MemoryPage.Length;
        extent = new StoreExtent(offset, Math.Min(run, length), allocated);
        return StorageResult.Ok;
    }

    public ValueTask<StorageResult> ResizeAsync(long length, CancellationToken cancellationToken)
    {
        if (TryRefuse(0, 0, cancellationToken, out StorageResult refusal)) return refusal.AsTask();
        if (length < 1) return StorageResult.FromStorageStatus(StorageStatus.OutOfRange).AsTask();
        if (length > _largestSize) return StorageResult.FromStorageStatus(StorageStatus.OutOfSpace).AsTask();
        lock (_growth)
        {
            // Length first: a writer checks it again under its page's lock, so nothing is written behind the new end once the pages are cleared.
            long old = _length;
            if (length < old)
            {
                Volatile.Write(ref _length, length);
                Clear(length, old - length);
            }
            else
            {
                MemoryPage?[] pages = _pages;
                Array.Resize(ref pages, Math.Max(pages.Length, PageCount(length)));
                Volatile.Write(ref _pages, pages);
                Volatile.Write(ref _length, length);
            }
        }

        _observer.Resized(length);
        return StorageResult.Ok.AsTask();
    }

    public ValueTask DisposeAsync()
    {
        _disposed = true;
        lock (_growth)
        {
            Volatile.Write(ref _length, 0);
            foreach (MemoryPage? page in _pages)
            {
                if (page is not null) lock (page) page.ClearLocked(0, MemoryPage.Length);
            }
        }

        return default;
    }

    private StorageResult WriteSegment(long offset, ReadOnlySpan<byte> rest)
    {
        while (!rest.IsEmpty)
        {
            PagePart part = PagePart.First(offset, rest.Length);
            try
            {
                MemoryPage page = GetOrAddPage(part.Index);
                lock (page)
                {
                    if (offset + part.Length > Length) return StorageStatus.OutOfRange;
                    page.WriteLocked(part.Offset, rest[..part.Length]);
                }
            }
            catch (OutOfMemoryException)
            {
                return new StorageResult(StorageStatus.OutOfSpace, offset);
            }

            rest = rest[part.Length..];
            offset += part.Length;
        }

        return StorageResult.Ok;
    }

    private StorageResult CompareAndWriteLocked(long offset, DataSlice expected, DataSlice replacement, int first, int last)
    {
        if (offset + expected.Length > Length) return StorageStatus.OutOfRange;
        long position = offset;
        foreach (DataSegment segment in expected)
        {
            ReadOnlySpan<byte> rest = segment.Span;
            while (!rest.IsEmpty)
            {
                PagePart part = PagePart.First(position, rest.Length);
                int difference = GetOrAddPage(part.Index).CompareLocked(part.Offset, rest[..part.Length]);
                if (difference >= 0) return new StorageResult(StorageStatus.Miscompare, position - offset + difference);
                rest = rest[part.Length..];
                position += part.Length;
            }
        }

        // All memory first: a write that stopped half way would not be atomic.
        for (int index = first; index <= last; index++) GetOrAddPage(index).AllocateLocked();
        position = offset;
        foreach (DataSegment segment in replacement)
        {
            StorageResult result = WriteSegment(position, segment.Span);
            if (!result.IsOk) return result;
            position += segment.Length;
        }

        return StorageResult.Ok;
    }

    private void Clear(long offset, long length)
    {
        MemoryPage?[] pages = Volatile.Read(ref _pages);
        while (length > 0)
        {
            PagePart part = PagePart.First(offset, length);
            if (Volatile.Read(ref pages[part.Index]) is { } page)
            {
                lock (page)
                {
                    // Nothing lies behind the end: the last page is cleared to its own end, so that it can be given back.
                    bool reachesEnd = offset + part.Length >= Length;
                    page.ClearLocked(part.Offset, reachesEnd ? MemoryPage.Length - part.Offset : part.Length);
                }
            }

            offset += part.Length;
            length -= part.Length;
        }
    }

    /// <summary>The page at an index; made, without data, when there is none.</summary>
    private MemoryPage GetOrAddPage(int index)
    {
        if (Volatile.Read(ref Volatile.Read(ref _pages)[index]) is { } page) return page;
        lock (_growth)
        {
            // Under the lock the table cannot be replaced by a longer copy that misses the new page.
            ref MemoryPage? place = ref _pages[index];
            if (place is null) Volatile.Write(ref place, new MemoryPage());
            return place;
        }
    }

    private bool TryRefuse(long offset, long length, CancellationToken cancellationToken, out StorageResult refusal)
    {
        if (_disposed) refusal = StorageStatus.Unavailable;
        else if (cancellationToken.IsCancellationRequested) refusal = StorageStatus.Cancelled;
        else if (!StoreRange.Fits(offset, length, Length)) refusal = StorageStatus.OutOfRange;
        else
        {
            refusal = default;
            return false;
        }

        return true;
    }

    private static bool IsAllocated(MemoryPage?[] pages, int index) => Volatile.Read(ref pages[index]) is { IsAllocated: true };

    private static int PageCount(long length) => (int)(((length - 1) / MemoryPage.Length) + 1);

    /// <summary>The part of a range that lies in its first page.</summary>
    private readonly record struct PagePart(int Index, int Offset, int Length)
    {
        public static PagePart First(long offset, long length)
        {
            int within = (int)(offset & (MemoryPage.Length - 1));
            return new((int)(offset / MemoryPage.Length), within, (int)Math.Min(length, MemoryPage.Length - within));
        }
    }
}
