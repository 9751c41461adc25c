using System.Buffers.Binary;
using System.Security.Cryptography;
using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>Tells one base from another by its size and samples of its content, so that a delta is not laid over what it does not belong to.</summary>
internal static class BaseFingerprint
{
    private const int Samples = 64;
    private const int SampleLength = CowLayout.BlockLength;

    /// <summary>SHA-256 over the size and blocks from all over the store.</summary>
    /// <exception cref="StoreOpenException">The base cannot be read.</exception>
    public static async ValueTask<byte[]> TakeAsync(IBlockStore store, CancellationToken cancellationToken)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[SampleLength];
        BinaryPrimitives.WriteInt64LittleEndian(block, store.Length);
        hash.AppendData(block, 0, sizeof(long));
        DataSlice buffer = DataBuffer.Wrap(block).Slice();
        long blocks = store.Length / SampleLength;
        long taken = Math.Min(blocks, Samples);
        for (long i = 0; i < taken; i++)
        {
            // The first and the last are among them; the arithmetic stands 2^63 bytes.
            long number = taken == 1 ? 0 : (long)((Int128)i * (blocks - 1) / (taken - 1));
            StorageResult result = await store.ReadAsync(number * SampleLength, buffer, cancellationToken);
            if (!result.IsOk) throw new StoreOpenException($"the base cannot be read at byte {number * SampleLength} ({result.Status})");
            hash.AppendData(block);
        }

        return hash.GetHashAndReset();
    }
}
