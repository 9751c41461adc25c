using System.Runtime.InteropServices;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>The sums of a region, in memory while they are used and as long as there is room.</summary>
internal sealed class SumPage(long region)
{
    /// <summary>Of which region.</summary>
    public long Region => region;

    /// <summary>One for each block. Whoever reads or sets one has the range of its block locked.</summary>
    public uint[] Sums { get; } = new uint[ChecksumLayout.SumsPerPage];

    /// <summary>Where the sum of a block is.</summary>
    public int IndexOf(long block) => (int)(block - (region * ChecksumLayout.SumsPerPage));

    /// <summary>What became of reading it.</summary>
    public StorageResult Problem { get; set; }

    /// <summary>Completes when it is read, or cannot be.</summary>
    public TaskCompletionSource Loaded { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Who uses it now.</summary>
    public int Users { get; set; }

    /// <summary>It is not in the store of sums as it is here.</summary>
    public bool IsModified { get; set; }

    /// <summary>Its place in the order of last use.</summary>
    public LinkedListNode<SumPage>? Place { get; set; }
}

/// <summary>
/// Pages of sums: as many as were said are kept, and those that are in use right now. A page of a region that is marked may be written back at any time, in any order: after a crash the marked
/// regions' sums are taken anew. What must be in order is the mark.
/// </summary>
internal sealed class SumPages(SumsFile file, int capacity)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<long, SumPage> _pages = [];
    private readonly LinkedList<SumPage> _order = new(); // used last in front

    /// <summary>Pages in memory; for tests.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _pages.Count;
        }
    }

    /// <summary>A region's page, to be given back with <see cref="Return"/>; its <see cref="SumPage.Problem"/> says when it cannot be read.</summary>
    public ValueTask<SumPage> RentAsync(long region)
    {
        bool isMine = false;
        SumPage? page;
        lock (_gate)
        {
            if (_pages.TryGetValue(region, out page))
            {
                _order.Remove(page.Place!);
                _order.AddFirst(page.Place!);
            }
            else
            {
                page = new SumPage(region);
                page.Place = _order.AddFirst(page);
                _pages.Add(region, page);
                isMine = true;
            }

            page.Users++;
        }

        if (isMine) return LoadAsync(page);
        return page.Loaded.Task.IsCompleted ? new ValueTask<SumPage>(page) : WaitAsync(page);
    }

    /// <summary>Gives a page back.</summary>
    public void Return(SumPage page)
    {
        lock (_gate) page.Users--;
    }

    /// <summary>Sets sums of a page.</summary>
    public void Set(SumPage page, int index, ReadOnlySpan<uint> sums)
    {
        sums.CopyTo(page.Sums.AsSpan(index));
        lock (_gate) page.IsModified = true; // after the sums: a page that is being written is written again
    }

    /// <summary>Writes a region's page, if it is here and differs.</summary>
    public async ValueTask<StorageResult> WriteBackAsync(long region)
    {
        SumPage? page;
        lock (_gate)
        {
            if (!_pages.TryGetValue(region, out page) || !page.IsModified) return StorageResult.Ok;
            page.Users++;
        }

        StorageResult result = await WriteAsync(page);
        Return(page);
        return result;
    }

    private static async ValueTask<SumPage> WaitAsync(SumPage page)
    {
        await page.Loaded.Task;
        return page;
    }

    private async ValueTask<SumPage> LoadAsync(SumPage page)
    {
        StorageResult result = await MakeRoomAsync();
        if (result.IsOk) result = await file.ReadAsync(ChecksumLayout.PageOffset(page.Region), bytes => Unpack(bytes, page.Sums));
        page.Problem = result;
        if (!result.IsOk)
        {
            lock (_gate) Remove(page);
        }

        page.Loaded.SetResult();
        return page;
    }

    private async ValueTask<StorageResult> MakeRoomAsync()
    {
        while (true)
        {
            SumPage? victim;
            lock (_gate)
            {
                victim = _pages.Count > capacity ? LeastUsed() : null;
                if (victim is null) return StorageResult.Ok; // when all are in use there may be more for a moment
                if (!victim.IsModified)
                {
                    Remove(victim);
                    continue;
                }

                victim.Users++;
            }

            StorageResult result = await WriteAsync(victim);
            lock (_gate)
            {
                if (--victim.Users == 0 && result.IsOk && !victim.IsModified) Remove(victim);
            }

            if (!result.IsOk) return result;
        }
    }

    private SumPage? LeastUsed()
    {
        LinkedListNode<SumPage>? node = _order.Last;
        while (node is { Value.Users: > 0 }) node = node.Previous;
        return node?.Value;
    }

    private void Remove(SumPage page)
    {
        if (page.Place is not { } place) return;
        page.Place = null;
        _order.Remove(place);
        _ = _pages.Remove(page.Region);
    }

    private async ValueTask<StorageResult> WriteAsync(SumPage page)
    {
        StorageResult result = await file.WriteAsync(
            ChecksumLayout.PageOffset(page.Region),
            bytes =>
            {
                lock (_gate) page.IsModified = false; // before the sums are read: what is set from here on counts as new
                Pack(page.Sums, bytes);
            },
            WriteOptions.None);
        if (!result.IsOk)
        {
            lock (_gate) page.IsModified = true;
        }

        return result;
    }

    /// <summary>Sums as they are kept: least significant byte first.</summary>
    public static void Pack(ReadOnlySpan<uint> sums, Span<byte> bytes)
    {
        sums.CopyTo(MemoryMarshal.Cast<byte, uint>(bytes));
        Order(bytes);
    }

    /// <summary>Sums as they were kept.</summary>
    public static void Unpack(ReadOnlySpan<byte> bytes, Span<uint> sums)
    {
        bytes.CopyTo(MemoryMarshal.AsBytes(sums));
        Order(MemoryMarshal.AsBytes(sums));
    }

    private static void Order(Span<byte> bytes)
    {
        if (BitConverter.IsLittleEndian) return;
        Span<uint> words = MemoryMarshal.Cast<byte, uint>(bytes);
        System.Buffers.Binary.BinaryPrimitives.ReverseEndianness(words, words);
    }
}
