namespace TgtModular.Storage;

/// <summary>What all stores have in common. A store is opened by its factory, used by one unit (or several, when shareable), and disposed once.</summary>
public interface IBackingStore : IAsyncDisposable
{
    /// <summary>Abilities and limits.</summary>
    StoreInfo Info { get; }

    /// <summary>Size in bytes now.</summary>
    long Length { get; }
}

/// <summary>
/// Where a store reports events; safe to call from any thread, never blocks. Stores that stand on it need not listen: the core passes a new size on to
/// whatever uses them, as their own <see cref="IBackingStore.Length"/> then says it.
/// </summary>
public interface IStoreObserver
{
    /// <summary>The size changed, by <see cref="IBlockStore.ResizeAsync"/> or behind the store's back.</summary>
    /// <param name="length">Bytes.</param>
    void Resized(long length);

    /// <summary>The store cannot be reached; calls answer <see cref="StorageStatus.Unavailable"/> until <see cref="Restored"/>.</summary>
    /// <param name="reason">For people.</param>
    void Lost(string reason);

    /// <summary>The store is back with its data.</summary>
    void Restored();
}

/// <summary>
/// Optional: the store hands out memory it can transfer without a copy (registered or shared memory). It knows its own segments again by their address, so
/// they must tell it; data in other memory come as well and are copied.
/// </summary>
public interface IStoreBuffers
{
    /// <summary>Rents memory of the store.</summary>
    /// <param name="length">Bytes.</param>
    /// <returns>Null when there is none left: the core takes its own pool's.</returns>
    Buffers.DataBuffer? TryRent(int length);
}
