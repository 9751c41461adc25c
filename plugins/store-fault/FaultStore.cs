using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>Passes calls to the store beneath, as far as the rules let it.</summary>
internal sealed class FaultStore : IBlockStore
{
    private readonly StoreOpenContext _context;
    private readonly IBlockStore _inner;
    private readonly PowerCutStore? _cache;
    private readonly FaultRules _rules;
    private readonly FaultCounters _counters;
    private volatile bool _powerless;
    private volatile bool _disposed;

    public FaultStore(StoreOpenContext context, IBlockStore lower, FaultRules rules, bool isVolatile)
    {
        _context = context;
        _rules = rules;
        _counters = new FaultCounters(context.Host.Meter, context.Name);
        _cache = isVolatile ? new PowerCutStore(lower) : null;
        _inner = _cache ?? lower;
        Info = StoreStacking.Combine([_inner], own: StoreExecution.Asynchronous);
        Control = new FaultControl(this, rules, _counters);
        _rules.Changed += Restore;
    }

    public StoreInfo Info { get; }

    public long Length => _inner.Length;

    public FaultControl Control { get; }

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken) =>
        RunAsync(FaultOperations.Read, offset, destination.Length, token => _inner.ReadAsync(offset, destination, token), cancellationToken,
            _ => FlipAsync(offset, destination, cancellationToken));

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        FaultOperations operation = (options & WriteOptions.ForceUnitAccess) != 0 ? FaultOperations.Write | FaultOperations.Fua : FaultOperations.Write;
        return RunAsync(
            operation, offset, source.Length, token => _inner.WriteAsync(offset, source, options, token), cancellationToken,
            rule => TearAsync(rule, offset, source, options));
    }

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) =>
        RunAsync(FaultOperations.Flush, 0, 0, _inner.FlushAsync, cancellationToken);

    public ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken) =>
        RunAsync(FaultOperations.Discard, offset, length, token => _inner.DiscardAsync(offset, length, token), cancellationToken);

    public ValueTask<StorageResult> WriteZeroesAsync(long offset, long length, WriteOptions options, CancellationToken cancellationToken) =>
        RunAsync(FaultOperations.Zeroes, offset, length, token => _inner.WriteZeroesAsync(offset, length, options, token), cancellationToken);

    public ValueTask<StorageResult> CompareAndWriteAsync(
        long offset, DataSlice expected, DataSlice replacement, WriteOptions options, CancellationToken cancellationToken) =>
        RunAsync(
            FaultOperations.Compare, offset, expected.Length, token => _inner.CompareAndWriteAsync(offset, expected, replacement, options, token),
            cancellationToken);

    public StorageResult GetExtent(long offset, long length, out StoreExtent extent)
    {
        extent = new StoreExtent(offset, length, Allocated: true);
        return _disposed || _powerless ? StorageStatus.Unavailable : _inner.GetExtent(offset, length, out extent);
    }

    public async ValueTask<StorageResult> ResizeAsync(long length, CancellationToken cancellationToken)
    {
        if (_disposed || _powerless) return StorageStatus.Unavailable;
        if (cancellationToken.IsCancellationRequested) return StorageStatus.Cancelled;
        StorageResult result = await _inner.ResizeAsync(length, CancellationToken.None);
        if (result.IsOk) _context.Observer.Resized(Length);
        return result;
    }

    public async ValueTask CrashAsync(int? keep)
    {
        _powerless = true;
        _rules.Release(abandon: true);
        if (_cache is not null) await _cache.CutAsync(keep);
        _context.Observer.Lost("the power was cut");
    }

    public void Restore()
    {
        if (!_powerless) return;
        _powerless = false;
        _context.Observer.Restored();
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        FaultControl.Unregister(_context.Name);
        _rules.Dispose();
        if (_cache is not null) await _cache.DisposeAsync();
    }

    private async ValueTask<StorageResult> RunAsync(
        FaultOperations operation, long offset, long length, Func<CancellationToken, ValueTask<StorageResult>> call, CancellationToken cancellationToken,
        Func<FaultRule, ValueTask<StorageResult>>? spoil = null)
    {
        _counters.Add(operation);
        if (_disposed) return StorageStatus.Unavailable;
        if (cancellationToken.IsCancellationRequested) return StorageStatus.Cancelled;
        if (!StoreRange.Fits(offset, length, Length)) return StorageStatus.OutOfRange;
        try
        {
            FaultVerdict verdict = await _rules.PassAsync(operation, offset, length, cancellationToken);
            if (_disposed || _powerless || verdict.Abandoned) return StorageStatus.Unavailable;
            if (verdict.Rule is { } rule) return await FailAsync(rule, operation, offset, spoil);
            return await call(verdict.Late ? CancellationToken.None : cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return StorageStatus.Cancelled;
        }
    }

    private async ValueTask<StorageResult> FailAsync(FaultRule rule, FaultOperations operation, long offset, Func<FaultRule, ValueTask<StorageResult>>? spoil)
    {
        long position = Math.Max(offset, rule.Offset);
        switch (rule.Action)
        {
            case FaultAction.NoSpace:
                return new StorageResult(StorageStatus.OutOfSpace, position);
            case FaultAction.Ignore:
                return StorageResult.Ok;
            case FaultAction.Torn when operation != FaultOperations.Read && spoil is not null:
            case FaultAction.Flip when operation == FaultOperations.Read && spoil is not null:
                return await spoil(rule);
            case FaultAction.Crash:
                await CrashAsync(rule.Keep);
                return StorageStatus.Unavailable;
            default:
                return new StorageResult(operation == FaultOperations.Read ? StorageStatus.ReadError : StorageStatus.WriteError, position);
        }
    }

    /// <summary>Reads, and turns the first bit over.</summary>
    private async ValueTask<StorageResult> FlipAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        StorageResult result = await _inner.ReadAsync(offset, destination, cancellationToken);
        if (!result.IsOk || destination.IsEmpty) return result;
        byte[] first = new byte[1];
        DataSlice head = destination.Slice(0, 1);
        head.CopyTo(first);
        first[0] ^= 0x80;
        head.CopyFrom(first);
        return result;
    }

    /// <summary>Writes the first bytes only. When the power goes with it they are on the medium, as a sector that was just being written.</summary>
    private async ValueTask<StorageResult> TearAsync(FaultRule rule, long offset, DataSlice source, WriteOptions options)
    {
        DataSlice part = source.Slice(0, (int)Math.Min(rule.TornBytes, source.Length));
        WriteOptions how = rule.CrashAfter ? options | WriteOptions.ForceUnitAccess : options;
        if (!part.IsEmpty)
        {
            StorageResult result = await _inner.WriteAsync(offset, part, how, CancellationToken.None);
            if (!result.IsOk) return result;
        }

        if (!rule.CrashAfter) return new StorageResult(StorageStatus.WriteError, offset + part.Length);
        await CrashAsync(rule.Keep);
        return StorageStatus.Unavailable;
    }
}
