using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using TgtModular.Buffers;
using TgtModular.Storage;
using TgtModular.Threading;

namespace TgtModular.Stores;

/// <summary>Encrypts what goes to the store beneath, and decrypts what comes from it, sector by sector at the same place.</summary>
internal sealed class CryptStore : IBlockStore
{
    /// <summary>What encryption takes away: holes and zeroes beneath are noise above, and equal data beneath are not compared as such.</summary>
    private const StoreCapabilities Lost = StoreCapabilities.DiscardReadsZero | StoreCapabilities.WriteZeroes | StoreCapabilities.CompareAndWrite
        | StoreCapabilities.AllocationMap | StoreCapabilities.Resize;

    private const int ScratchLength = 256 * 1024;

    private readonly IBlockStore _lower;
    private readonly XtsCipher _cipher;
    private readonly int _sectorLength;
    private readonly ScratchPool _scratches = new(ScratchLength);
    private readonly OperationGate _gate = new();

    /// <summary>Stands on a store, which stays the core's.</summary>
    public CryptStore(IBlockStore lower, XtsCipher cipher, int sectorLength, bool discard)
    {
        _lower = lower;
        _cipher = cipher;
        _sectorLength = sectorLength;
        StoreInfo info = StoreStacking.Combine([lower], discard ? Lost : Lost | StoreCapabilities.Discard, own: StoreExecution.Blocking);
        Info = info with
        {
            Alignment = Math.Max(info.Alignment, sectorLength),
            PhysicalBlockLength = Math.Max(info.PhysicalBlockLength, sectorLength),
            DiscardGranularity = discard ? Math.Max(info.DiscardGranularity, sectorLength) : 0,
        };
    }

    public StoreInfo Info { get; }

    public long Length => _lower.Length / Info.Alignment * Info.Alignment;

    public ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        return TryEnter(offset, destination.Length, cancellationToken, out StorageResult refusal)
            ? ReadInsideAsync(offset, destination, cancellationToken)
            : refusal.AsTask();
    }

    public ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        return TryEnter(offset, source.Length, cancellationToken, out StorageResult refusal)
            ? WriteInsideAsync(offset, source, options, cancellationToken)
            : refusal.AsTask();
    }

    public async ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken)
    {
        if (!TryEnter(0, 0, cancellationToken, out StorageResult refusal)) return refusal;
        try
        {
            return await _lower.FlushAsync(cancellationToken);
        }
        finally
        {
            _gate.Leave();
        }
    }

    public async ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken)
    {
        if (!TryEnter(offset, length, cancellationToken, out StorageResult refusal)) return refusal;
        try
        {
            return Info.Has(StoreCapabilities.Discard) ? await _lower.DiscardAsync(offset, length, cancellationToken) : StorageStatus.NotSupported;
        }
        finally
        {
            _gate.Leave();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (await _gate.CloseAsync()) _cipher.Dispose();
    }

    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private async ValueTask<StorageResult> ReadInsideAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        try
        {
            StorageResult result = await _lower.ReadAsync(offset, destination, cancellationToken);
            if (result.IsOk) Decrypt(destination, offset / _sectorLength);
            return result;
        }
        catch (CryptographicException)
        {
            return new StorageResult(StorageStatus.ReadError, offset);
        }
        finally
        {
            _gate.Leave();
        }
    }

    /// <summary>What is to be written stays the initiator's: it is encrypted into memory of our own, piece by piece.</summary>
    [AsyncMethodBuilder(typeof(PooledTaskBuilder<>))]
    private async ValueTask<StorageResult> WriteInsideAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        Scratch scratch = _scratches.Take();
        try
        {
            for (int done = 0; done < source.Length;)
            {
                int length = Math.Min(source.Length - done, ScratchLength);
                source.Slice(done, length).CopyTo(scratch.Bytes);
                _cipher.Encrypt(scratch.Bytes.AsSpan(0, length), scratch.Bytes, (offset + done) / _sectorLength);
                StorageResult result = await _lower.WriteAsync(offset + done, scratch.Buffer.Slice(0, length), options, cancellationToken);
                if (!result.IsOk) return result;
                done += length;
            }

            return StorageResult.Ok;
        }
        catch (CryptographicException)
        {
            return new StorageResult(StorageStatus.WriteError, offset);
        }
        finally
        {
            _scratches.Return(scratch);
            _gate.Leave();
        }
    }

    private void Decrypt(DataSlice data, long sector)
    {
        foreach (DataSegment segment in data)
        {
            if (segment.Length % _sectorLength != 0)
            {
                DecryptCopy(data, sector);
                return;
            }
        }

        foreach (DataSegment segment in data)
        {
            _cipher.Decrypt(segment.Span, sector);
            sector += segment.Length / _sectorLength;
        }
    }

    /// <summary>For memory whose pieces end within sectors.</summary>
    private void DecryptCopy(DataSlice data, long sector)
    {
        byte[] whole = new byte[_sectorLength];
        for (int offset = 0; offset < data.Length; offset += _sectorLength)
        {
            DataSlice part = data.Slice(offset, _sectorLength);
            part.CopyTo(whole);
            _cipher.Decrypt(whole, sector++);
            part.CopyFrom(whole);
        }
    }

    private bool TryEnter(long offset, long length, CancellationToken cancellationToken, out StorageResult refusal) =>
        _gate.TryEnter(offset, length, Length, Info.Alignment, cancellationToken, out refusal);
}
