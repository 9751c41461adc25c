using TgtModular.Buffers;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.ContractShapes.Stores;

/// <summary>
/// Shape 12: a filter. It changes the bytes and keeps a header in front of them, so it is shorter than what is beneath, and what it says of zeroes and
/// holes beneath would be wrong.
/// </summary>
internal sealed class CipherFilter : IBlockStore
{
    public const int HeaderLength = 4096;

    private readonly IBlockStore _lower;
    private readonly byte _key;

    public CipherFilter(StoreOpenContext context)
    {
        _lower = context.Lower is [IBlockStore lower] ? lower : throw new StoreOpenException("a cipher stands on one block store");
        if (_lower.Length <= HeaderLength) throw new StoreOpenException($"the store beneath is no longer than the header of {HeaderLength} bytes");
        _key = (byte)context.Options.GetInteger("key");
        Info = StoreStacking.Combine(
            context.Lower, removed: StoreCapabilities.DiscardReadsZero | StoreCapabilities.AllocationMap | StoreCapabilities.WriteZeroes | StoreCapabilities.CompareAndWrite);
    }

    public StoreInfo Info { get; }

    /// <summary>Follows the store beneath: nobody has to tell the filter that it grew.</summary>
    public long Length => _lower.Length - HeaderLength;

    public async ValueTask<StorageResult> ReadAsync(long offset, DataSlice destination, CancellationToken cancellationToken)
    {
        if (!StoreRange.Fits(offset, destination.Length, Length)) return StorageStatus.OutOfRange;
        StorageResult result = await _lower.ReadAsync(offset + HeaderLength, destination, cancellationToken);
        if (result.IsOk) Transform(destination, destination);
        return Shift(result);
    }

    public async ValueTask<StorageResult> WriteAsync(long offset, DataSlice source, WriteOptions options, CancellationToken cancellationToken)
    {
        if (!StoreRange.Fits(offset, source.Length, Length)) return StorageStatus.OutOfRange;
        // The source is the initiator's data and may be sent or written again: it is never changed in place.
        using DataBuffer copy = DataBuffer.Wrap(new byte[source.Length]);
        Transform(source, copy.Slice());
        return Shift(await _lower.WriteAsync(offset + HeaderLength, copy.Slice(), options, cancellationToken));
    }

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken) => _lower.FlushAsync(cancellationToken);

    public async ValueTask<StorageResult> DiscardAsync(long offset, long length, CancellationToken cancellationToken) =>
        StoreRange.Fits(offset, length, Length) ? Shift(await _lower.DiscardAsync(offset + HeaderLength, length, cancellationToken)) : StorageStatus.OutOfRange;

    /// <summary>The store beneath belongs to the core.</summary>
    public ValueTask DisposeAsync() => default;

    private void Transform(DataSlice source, DataSlice destination)
    {
        byte[] bytes = source.ToArray();
        for (int i = 0; i < bytes.Length; i++) bytes[i] ^= _key;
        destination.CopyFrom(bytes);
    }

    /// <summary>Positions beneath are positions here, less the header.</summary>
    private static StorageResult Shift(StorageResult result) =>
        result.Position >= HeaderLength && result.Status != StorageStatus.Miscompare ? result with { Position = result.Position - HeaderLength } : result;
}

/// <summary>Opens <see cref="CipherFilter"/>.</summary>
internal sealed class CipherFactory : IStoreFactory
{
    public OptionSchema Options { get; } = OptionSchema.Of(new OptionDefinition("key", OptionType.Integer, "Key.") { Required = true, Secret = true });

    public int LowerCount => 1;

    public ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken) => new(new CipherFilter(context));
}
