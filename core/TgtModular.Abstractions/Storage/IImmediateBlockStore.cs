using TgtModular.Buffers;

namespace TgtModular.Storage;

/// <summary>
/// A store whose calls block in general (<see cref="StoreExecution.Blocking"/>), but which does some at once: a file whose data are in the page cache. The core
/// asks on a receive loop, and where the answer is no it makes the same call again on its worker pool.
/// </summary>
public interface IImmediateBlockStore : IBlockStore
{
    /// <summary>As <see cref="IBlockStore.ReadAsync"/>, if it can be done without waiting for a device, a lock or the network.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Where the data go; after an answer of false its bytes are anything.</param>
    /// <returns>True when all of it is read. False when that would block, and for every failure: then <see cref="IBlockStore.ReadAsync"/> is called.</returns>
    bool TryRead(long offset, DataSlice destination);

    /// <summary>As <see cref="IBlockStore.WriteAsync"/> without options, if it can be done without waiting.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="source">The data.</param>
    /// <returns>
    /// True when all of it is written. False when that would block, and for every failure: the data may be written in part, and
    /// <see cref="IBlockStore.WriteAsync"/> is called with all of them.
    /// </returns>
    bool TryWrite(long offset, DataSlice source);
}
