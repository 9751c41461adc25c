using System.Runtime.CompilerServices;
using TgtModular.Buffers;
using TgtModular.Storage;
using TgtModular.Threading;

namespace TgtModular.Stores;

/// <summary>
/// Writes blocks of the map to the delta, one writer for each block at a time. A bit is written only after its cluster is on stable storage: a block that reaches the
/// medium in part, or sooner or later than others, is true all the same.
/// </summary>
internal sealed class CowMapWriter(IBlockStore delta, CowLayout layout, CowMap map)
{
    private const int Turns = 16;

    private readonly Turn[] _turns = [.. Enumerable.Range(0, Turns).Select(_ => new Turn())];
    private readonly int[] _volatile = new int[layout.MapBlocks]; // 1: written, and perhaps in a cache

    /// <summary>Makes a bit count whose cluster is on stable storage.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="options">With force unit access the bit is on stable storage, too.</param>
    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    public async ValueTask<StorageResult> AddAsync(long cluster, WriteOptions options)
    {
        map.Want(cluster);
        int block = CowMap.BlockOf(cluster);
        Turn turn = _turns[block % Turns];
        await turn.Gate.WaitAsync();
        try
        {
            // Whoever was before may have taken it along.
            if (map.Has(cluster) && !options.HasFlag(WriteOptions.ForceUnitAccess)) return StorageResult.Ok;
            StorageResult result = await WriteAsync(block, turn, options);
            if (!result.IsOk) map.GiveUp(cluster);
            return result;
        }
        finally
        {
            turn.Gate.Release();
        }
    }

    /// <summary>True when a power cut could take a bit of these clusters away.</summary>
    public bool IsVolatile(long first, long last)
    {
        for (int block = CowMap.BlockOf(first); block <= CowMap.BlockOf(last); block++)
        {
            if (Volatile.Read(ref _volatile[block]) != 0) return true;
        }

        return false;
    }

    /// <summary>Puts the bits of these clusters on stable storage.</summary>
    public async ValueTask<StorageResult> HardenAsync(long first, long last)
    {
        for (int block = CowMap.BlockOf(first); block <= CowMap.BlockOf(last); block++)
        {
            if (Volatile.Read(ref _volatile[block]) == 0) continue;
            Turn turn = _turns[block % Turns];
            await turn.Gate.WaitAsync();
            try
            {
                StorageResult result = await WriteAsync(block, turn, WriteOptions.ForceUnitAccess);
                if (!result.IsOk) return result;
            }
            finally
            {
                turn.Gate.Release();
            }
        }

        return StorageResult.Ok;
    }

    // Not cancelled: an abort of one command must not cost the bits of others that go along.
    private async ValueTask<StorageResult> WriteAsync(int block, Turn turn, WriteOptions options)
    {
        map.CopyWanted(block, turn.Bytes);
        long offset = CowLayout.MapOffset + ((long)block * CowLayout.BlockLength);
        StorageResult result = await delta.WriteAsync(offset, turn.Buffer.Slice(), options & WriteOptions.ForceUnitAccess, CancellationToken.None);
        if (!result.IsOk) return new StorageResult(result.Status == StorageStatus.OutOfRange ? StorageStatus.WriteError : result.Status); // a position in the map tells nobody anything
        Volatile.Write(ref _volatile[block], options.HasFlag(WriteOptions.ForceUnitAccess) ? 0 : 1);
        map.Written(block, turn.Bytes);
        return result;
    }

    /// <summary>Who writes, and the memory for it.</summary>
    private sealed class Turn
    {
        public Turn() => Buffer = DataBuffer.Wrap(Bytes);

        public SemaphoreSlim Gate { get; } = new(1, 1);

        public byte[] Bytes { get; } = GC.AllocateArray<byte>(CowLayout.BlockLength, pinned: true);

        public DataBuffer Buffer { get; }
    }
}
