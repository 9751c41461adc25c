using TgtModular.Buffers;
using TgtModular.Core.Threading;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.Core.Stores;

/// <summary>
/// What units and filters have instead of a plugin's store: passes every call on, and can have the store behind it exchanged. It says of itself what the first store said, for whoever
/// uses a store asks once; what takes the store's place must offer no less (<see cref="StoreTraits"/>).
/// </summary>
/// <remarks>
/// Made by <see cref="Over"/>, so that it has the optional interfaces that the store has, and no others. Of a store that came later, abilities that the first one did not have
/// are not used; those that it lacks (memory of its own, calls done at once) are answered as such a store would at any time.
/// </remarks>
internal abstract class StoreHandle : IBackingStore
{
    private readonly CallGate _gate = new();
    private readonly CallGate _lent = new();
    private readonly IWorkerPool? _workers;
    private IBackingStore _store;
    private IStoreBuffers? _buffers;
    private long _lengthMeanwhile = -1;

    protected StoreHandle(IBackingStore store, IWorkerPool? workers)
    {
        _store = store;
        _buffers = store as IStoreBuffers;
        Info = store.Info;
        _workers = Info.Execution == StoreExecution.Blocking ? workers : null;
    }

    /// <inheritdoc/>
    public StoreInfo Info { get; }

    /// <inheritdoc/>
    public long Length => Volatile.Read(ref _lengthMeanwhile) is >= 0 and long length ? length : _store.Length;

    /// <summary>The store behind it.</summary>
    public IBackingStore Current => _store;

    /// <summary>Calls that are under way in the store.</summary>
    public long CallCount => _gate.Count;

    /// <summary>Buffers of the store that are out on lease.</summary>
    public long LentCount => _lent.Count;

    protected CallGate Gate => _gate;

    /// <summary>A handle of the store's kind; null for a store of a kind that there is no handle for.</summary>
    /// <param name="store">The store.</param>
    /// <param name="workers">Where calls go on that had to wait, if the store's calls block.</param>
    public static StoreHandle? Over(IBackingStore store, IWorkerPool? workers) => store switch
    {
        IImmediateBlockStore and IStoreBuffers => new LendingImmediateBlockStoreHandle(store, workers),
        IImmediateBlockStore => new ImmediateBlockStoreHandle(store, workers),
        IBlockStore and IStoreBuffers => new LendingBlockStoreHandle(store, workers),
        IBlockStore => new BlockStoreHandle(store, workers),
        IMediumStore and IStoreBuffers => new LendingMediumStoreHandle(store, workers),
        IMediumStore => new MediumStoreHandle(store, workers),
        _ => null,
    };

    /// <summary>
    /// Holds back new calls and ends when the store has none left, and none of its memory is out. Memory comes first: a command that has some must reach the store to give it back.
    /// </summary>
    /// <exception cref="OperationCanceledException">It took too long; everything goes on as before.</exception>
    public async Task TakeOfflineAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _lent.CloseAsync().WaitAsync(cancellationToken);
            Task drained = _gate.CloseAsync();
            await drained.WaitAsync(cancellationToken);
            Volatile.Write(ref _lengthMeanwhile, _store.Length);
        }
        catch
        {
            BringOnline();
            throw;
        }
    }

    /// <summary>Lets calls through again, those first that were held back.</summary>
    public void BringOnline()
    {
        Volatile.Write(ref _lengthMeanwhile, -1);
        if (_lent.IsClosed) _lent.Open();
        if (_gate.IsClosed) _gate.Open();
    }

    /// <summary>Puts another store behind it. Only offline.</summary>
    public void Exchange(IBackingStore store)
    {
        if (!_gate.IsClosed || _gate.Count != 0) throw new InvalidOperationException("calls are under way");
        _store = store;
        _buffers = store as IStoreBuffers;
        Volatile.Write(ref _lengthMeanwhile, -1);
        Put(store);
    }

    /// <summary>As the store's own; null also while it is about to be exchanged.</summary>
    public DataBuffer? TryRent(int length)
    {
        if (!_lent.TryEnter()) return null;
        DataBuffer? buffer = null;
        try
        {
            buffer = _buffers?.TryRent(length);
            return buffer is null ? null : LentBuffer.Over(buffer, _lent);
        }
        finally
        {
            if (buffer is null) _lent.Leave();
        }
    }

    /// <summary>Ends the store. Calls that are under way end as those of a store do that is disposed of.</summary>
    public ValueTask DisposeAsync() => _store.DisposeAsync();

    /// <summary>Around the code of the store, up to where it returns: unless it declared that its calls block, that is to be at once.</summary>
    protected CallMark Watched() => new(Info.Execution == StoreExecution.Blocking ? null : this);

    /// <summary>Takes the store by the interface that its kind has.</summary>
    protected abstract void Put(IBackingStore store);

    /// <summary>A call that was turned away waits here.</summary>
    /// <returns>False when its command was aborted meanwhile.</returns>
    protected async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        if (!await _gate.EnterAsync(cancellationToken)) return false;
        await new WorkerHop(_workers);
        return true;
    }
}
