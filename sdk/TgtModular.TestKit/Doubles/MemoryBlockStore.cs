using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.TestKit;

/// <summary>What was asked of the store.</summary>
public enum StoreOperation
{
    /// <summary>Read.</summary>
    Read,

    /// <summary>Write.</summary>
    Write,

    /// <summary>Flush.</summary>
    Flush,

    /// <summary>Discard.</summary>
    Discard,

    /// <summary>Write zeroes.</summary>
    WriteZeroes,

    /// <summary>Compare and write.</summary>
    CompareAndWrite,

    /// <summary>Question for the allocation map.</summary>
    Extent,
}

/// <summary>One call.</summary>
/// <param name="Operation">What was asked for.</param>
/// <param name="Offset">First byte.</param>
/// <param name="Length">Bytes.</param>
/// <param name="Options">Traits of a write.</param>
public sealed record StoreCall(StoreOperation Operation, long Offset, long Length, WriteOptions Options = WriteOptions.None);

/// <summary>
/// A store in memory with a volatile cache in front of its durable bytes. Calls are recorded, may be held back and may fail; a range beyond the end
/// is a failure of the device under test.
/// </summary>
public sealed class MemoryBlockStore : IBlockStore
{
    private readonly Lock _gate = new();
    private readonly List<StoreCall> _calls = [];
    private byte[] _cached;
    private byte[] _durable;
    private bool[] _allocated;

    /// <summary>An empty store.</summary>
    /// <param name="length">Bytes.</param>
    /// <param name="capabilities">What it says that it can do.</param>
    public MemoryBlockStore(long length, StoreCapabilities capabilities = StoreCapabilities.Write | StoreCapabilities.VolatileCache)
    {
        Info = new StoreInfo(capabilities, StoreExecution.Inline) { DiscardGranularity = capabilities.HasFlag(StoreCapabilities.Discard) ? Granule : 0 };
        _cached = new byte[length];
        _durable = new byte[length];
        _allocated = new bool[(length / Granule) + 1];
    }

    /// <summary>Bytes that are allocated and deallocated together.</summary>
    public static int Granule => 512;

    /// <summary>All that it can do.</summary>
    public static StoreCapabilities EveryAbility => StoreCapabilities.Write | StoreCapabilities.VolatileCache | StoreCapabilities.Discard |
        StoreCapabilities.DiscardReadsZero | StoreCapabilities.WriteZeroes | StoreCapabilities.AllocationMap | StoreCapabilities.Resize;

    /// <inheritdoc/>
    public StoreInfo Info { get; set; }

    /// <inheritdoc/>
    public long Length => _cached.Length;

    /// <summary>When set, a call completes only after the task it gives.</summary>
    public Func<StoreCall, Task?>? Hold { get; set; }

    /// <summary>When set, may give a failure instead of doing the call.</summary>
    public Func<StoreCall, StorageResult?>? Fault { get; set; }

    /// <summary>What went wrong on the caller's side.</summary>
    public List<string> Violations { get; } = [];

    /// <summary>The calls so far.</summary>
    public IReadOnlyList<StoreCall> Calls
    {
        get
        {
            lock (_gate) return [.. _calls];
        }
    }

    /// <summary>Number of calls of one kind.</summary>
    public int Count(StoreOperation operation) => Calls.Count(call => call.Operation == operation);

    /// <summary>What a read would give.</summary>
    public byte[] Cached(long offset, int length)
    {
        lock (_gate) return _cached[(int)offset..(int)(offset + length)];
    }

    /// <summary>What a power cut would leave.</summary>
    public byte[] Durable(long offset, int length)
    {
        lock (_gate) return _durable[(int)offset..(int)(offset + length)];
    }

    /// <summary>Puts data there, durably, behind the back of whoever uses the store.</summary>
    public void Fill(long offset, ReadOnlySpan<byte> data)
    {
        lock (_gate)
        {
            data.CopyTo(_cached.AsSpan((int)offset));
            data.CopyTo(_durable.AsSpan((int)offset));
            MarkAllocated(offset, data.Length, true);
        }
    }

    /// <summary>Forgets the calls so far.</summary>
    public void ForgetCalls()
    {
        lock (_gate) _calls.Clear();
    }

    /// <summary>Another size; nobody is told.</summary>
    public void SetLength(long length)
    {
        lock (_gate)
        {
            Array.Resize(ref _cached, (int)length);
            Array.Resize(ref _durable, (int)length);
            Array.Resize(ref _allocated, (int)(length / Granule) + 1);
        }
    }

    /// <inheritdoc/>
    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) =>
        Run(new StoreCall(StoreOperation.Read, offset, destination.Length), () => destination.CopyFrom(_cached.AsSpan((int)offset, destination.Length)));

    /// <inheritdoc/>
    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken) =>
        Run(new StoreCall(StoreOperation.Write, offset, source.Length, options), () => Store(offset, source, options));

    /// <inheritdoc/>
    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) =>
        Run(new StoreCall(StoreOperation.Flush, 0, 0), () => _cached.CopyTo(_durable, 0));

    /// <inheritdoc/>
    public ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken)
    {
        if (!Info.Has(StoreCapabilities.Discard)) return StorageResult.FromStorageStatus(StorageStatus.NotSupported).AsTask();
        return Run(new StoreCall(StoreOperation.Discard, offset, length), () =>
        {
            if (Info.Has(StoreCapabilities.DiscardReadsZero)) _cached.AsSpan((int)offset, (int)length).Clear();
            MarkAllocated(offset, length, false);
        });
    }

    /// <inheritdoc/>
    public ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken)
    {
        if (!Info.Has(StoreCapabilities.WriteZeroes)) return StorageResult.FromStorageStatus(StorageStatus.NotSupported).AsTask();
        return Run(new StoreCall(StoreOperation.WriteZeroes, offset, length, options), () =>
        {
            _cached.AsSpan((int)offset, (int)length).Clear();
            if (options.HasFlag(WriteOptions.ForceUnitAccess)) _durable.AsSpan((int)offset, (int)length).Clear();
            MarkAllocated(offset, length, !options.HasFlag(WriteOptions.MayDeallocate));
        });
    }

    /// <inheritdoc/>
    public ValueTask<StorageResult> CompareAndWriteAsync(
        long offset, DataSlice expected, DataSlice replacement, WriteOptions options, CancellationToken cancellationToken)
    {
        StorageResult result = StorageResult.Ok;
        ValueTask<StorageResult> done = Run(new StoreCall(StoreOperation.CompareAndWrite, offset, expected.Length, options), () =>
        {
            int same = expected.ToArray().AsSpan().CommonPrefixLength(_cached.AsSpan((int)offset, expected.Length));
            if (same < expected.Length) result = new StorageResult(StorageStatus.Miscompare, same);
            else Store(offset, replacement, options);
        });
        return result.IsOk ? done : result.AsTask();
    }

    /// <inheritdoc/>
    public StorageResult GetExtent(long offset, long length, out StoreExtent extent)
    {
        extent = new StoreExtent(offset, length, Allocated: true);
        StorageResult result = Check(new StoreCall(StoreOperation.Extent, offset, length));
        if (!result.IsOk || !Info.Has(StoreCapabilities.AllocationMap)) return result;
        bool allocated = _allocated[offset / Granule];
        long end = offset;
        while (end < offset + length && _allocated[end / Granule] == allocated) end = ((end / Granule) + 1) * Granule;
        extent = new StoreExtent(offset, Math.Min(end, offset + length) - offset, allocated);
        return result;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => default;

    private void Store(long offset, DataSlice source, WriteOptions options)
    {
        byte[] data = source.ToArray();
        data.CopyTo(_cached, offset);
        if (options.HasFlag(WriteOptions.ForceUnitAccess)) data.CopyTo(_durable, offset);
        MarkAllocated(offset, data.Length, true);
    }

    private void MarkAllocated(long offset, long length, bool value)
    {
        // Only whole granules are deallocated; one that is touched in part is allocated.
        long first = value ? offset / Granule : (offset + Granule - 1) / Granule;
        long last = value ? (offset + length + Granule - 1) / Granule : (offset + length) / Granule;
        for (long i = first; i < last; i++) _allocated[i] = value;
    }

    private StorageResult Check(StoreCall call)
    {
        lock (_gate)
        {
            _calls.Add(call);
            if (call.Offset < 0 || call.Length < 0 || call.Offset + call.Length > Length) Violations.Add($"out of range: {call}");
            bool moves = call.Operation is StoreOperation.Read or StoreOperation.Write;
            if (moves && Info.MaximumTransferLength > 0 && call.Length > Info.MaximumTransferLength)
                Violations.Add($"too long: {call}");
            if (call.Offset % Info.Alignment != 0 || call.Length % Info.Alignment != 0) Violations.Add($"misaligned: {call}");
            if (Violations.Count > 0) return StorageStatus.OutOfRange;
        }

        return Fault?.Invoke(call) ?? StorageResult.Ok;
    }

    private ValueTask<StorageResult> Run(StoreCall call, Action action)
    {
        StorageResult result = Check(call);
        return Hold?.Invoke(call) is { } held ? Later(held) : new ValueTask<StorageResult>(Now());

        StorageResult Now()
        {
            lock (_gate)
            {
                if (result.IsOk) action();
                return result;
            }
        }

        async ValueTask<StorageResult> Later(Task first)
        {
            await first;
            return Now();
        }
    }
}
