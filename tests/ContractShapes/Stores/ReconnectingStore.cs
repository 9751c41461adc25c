using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.ContractShapes.Stores;

/// <summary>The far side: a server that can be reached or not, and that loses its write cache when it starts anew.</summary>
internal sealed class FarServer(int length)
{
    private byte[] _cache = new byte[length];
    private byte[] _stable = new byte[length];

    public event Action? CameUp;

    public bool IsUp { get; private set; } = true;

    /// <summary>Grows with each start: a client learns that the cache it wrote into is gone.</summary>
    public int Incarnation { get; private set; } = 1;

    public Span<byte> Data => _cache;

    public void Disconnect() => IsUp = false;

    public void Restart()
    {
        _cache = [.. _stable];
        Incarnation++;
    }

    public void Reconnect()
    {
        IsUp = true;
        CameUp?.Invoke();
    }

    public void Flush() => _stable = [.. _cache];
}

/// <summary>
/// Shape 11: a store that loses its connection and comes back. It says so once each way, answers "unavailable" in between, and never calls a flush a
/// success whose writes went into a cache that is gone.
/// </summary>
internal sealed class ReconnectingStore : IBlockStore
{
    private readonly FarServer _server;
    private readonly IStoreObserver _observer;
    private readonly long _length;
    private bool _lost;
    private bool _unflushed;
    private bool _lostWrites;
    private int _incarnation;

    public ReconnectingStore(FarServer server, IStoreObserver observer)
    {
        _server = server;
        _observer = observer;
        _length = server.Data.Length;
        _incarnation = server.Incarnation;
        server.CameUp += OnCameUp;
    }

    public StoreInfo Info { get; } = new(StoreCapabilities.Write | StoreCapabilities.VolatileCache, StoreExecution.Asynchronous);

    /// <summary>Known without a connection, too.</summary>
    public long Length => _length;

    public async ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        if (!StoreRange.Fits(offset, destination.Length, Length)) return StorageStatus.OutOfRange;
        if (!await ReachAsync()) return StorageStatus.Unavailable;
        destination.CopyFrom(_server.Data.Slice((int)offset, destination.Length));
        return StorageResult.Ok;
    }

    public async ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        if (!StoreRange.Fits(offset, source.Length, Length)) return StorageStatus.OutOfRange;
        if (!await ReachAsync()) return StorageStatus.Unavailable;
        source.CopyTo(_server.Data[(int)offset..]);
        _unflushed = true;
        return (options & WriteOptions.ForceUnitAccess) != 0 ? await FlushAsync(cancellationToken) : StorageResult.Ok;
    }

    public async ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken)
    {
        if (!await ReachAsync()) return StorageStatus.Unavailable;
        _server.Flush();
        _unflushed = false;
        if (!_lostWrites) return StorageResult.Ok;
        _lostWrites = false; // told once, to the flush that would have covered them
        return StorageStatus.WriteError;
    }

    public ValueTask DisposeAsync()
    {
        _server.CameUp -= OnCameUp;
        return default;
    }

    /// <summary>The way to the server: the network may be gone on it.</summary>
    private async ValueTask<bool> ReachAsync()
    {
        await Task.Yield();
        if (_server.IsUp) return true;
        if (!_lost)
        {
            _lost = true;
            _observer.Lost("the server does not answer");
        }

        return false;
    }

    private void OnCameUp()
    {
        if (_incarnation != _server.Incarnation)
        {
            _lostWrites |= _unflushed;
            _unflushed = false;
            _incarnation = _server.Incarnation;
        }

        if (!_lost) return;
        _lost = false;
        _observer.Restored();
    }
}
