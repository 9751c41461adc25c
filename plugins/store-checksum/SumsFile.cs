using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>The store of sums, in blocks. One writer for each block at a time, so that an older state of it never lands on a newer one.</summary>
internal sealed class SumsFile(IBlockStore store)
{
    private const int Turns = 16;

    private readonly Turn[] _turns = [.. Enumerable.Range(0, Turns).Select(_ => new Turn())];

    /// <summary>Reads a block and hands it over.</summary>
    public async ValueTask<StorageResult> ReadAsync(long offset, Action<ReadOnlySpan<byte>> take)
    {
        Turn turn = await TakeAsync(offset);
        try
        {
            StorageResult result = await store.ReadAsync(offset, turn.Buffer, CancellationToken.None);
            if (result.IsOk) take(turn.Bytes);
            return result;
        }
        finally
        {
            turn.Gate.Release();
        }
    }

    /// <summary>The same while the store is opened.</summary>
    /// <exception cref="StoreOpenException">It cannot be read.</exception>
    public async ValueTask LoadAsync(long offset, Action<ReadOnlySpan<byte>> take)
    {
        StorageResult result = await ReadAsync(offset, take);
        if (!result.IsOk) throw new StoreOpenException($"the sums cannot be read at byte {offset} ({result.Status})");
    }

    /// <summary>Writes a block as it is when its turn comes.</summary>
    /// <remarks>Not cancelled: an abort of one command must not cost what others wait for.</remarks>
    public async ValueTask<StorageResult> WriteAsync(long offset, Action<Span<byte>> fill, WriteOptions options)
    {
        Turn turn = await TakeAsync(offset);
        try
        {
            fill(turn.Bytes);
            return await store.WriteAsync(offset, turn.Buffer, options, CancellationToken.None);
        }
        finally
        {
            turn.Gate.Release();
        }
    }

    /// <summary>Puts all that was written on stable storage.</summary>
    public ValueTask<StorageResult> FlushAsync() => store.FlushAsync(CancellationToken.None);

    private async ValueTask<Turn> TakeAsync(long offset)
    {
        Turn turn = _turns[offset / ChecksumLayout.BlockLength % Turns];
        await turn.Gate.WaitAsync();
        return turn;
    }

    /// <summary>Who reads or writes, and the memory for it.</summary>
    private sealed class Turn
    {
        private readonly Scratch _scratch = new(ChecksumLayout.BlockLength);

        public SemaphoreSlim Gate { get; } = new(1, 1);

        public Span<byte> Bytes => _scratch.Bytes;

        public DataSlice Buffer => _scratch.Buffer.Slice();
    }
}
