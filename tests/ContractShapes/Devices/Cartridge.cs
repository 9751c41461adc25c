using TgtModular.Buffers;
using TgtModular.Storage;

namespace TgtModular.ContractShapes.Devices;

/// <summary>A medium in memory: records and filemarks in one partition, rewritable or write-once.</summary>
internal sealed class Cartridge(long capacityBytes, bool writeOnce = false) : IMediumStore
{
    private readonly List<byte[]?> _objects = []; // null: a filemark
    private readonly Dictionary<string, byte[]> _attributes = [];

    public StoreInfo Info { get; } = new(StoreCapabilities.Write, StoreExecution.Inline);

    public long Length => capacityBytes;

    public bool WriteOnce => writeOnce;

    public int PartitionCount => 1;

    public int Flushes { get; private set; }

    public PartitionState GetPartition(int partition)
    {
        long used = _objects.Sum(item => item?.Length ?? 0L);
        return new PartitionState(_objects.Count, capacityBytes, used, EarlyWarning: used > capacityBytes * 9 / 10);
    }

    public ValueTask<MediumReadResult> ReadAsync(MediumPosition position, DataSlice destination, CancellationToken cancellationToken)
    {
        if (position.Number >= _objects.Count) return new(new MediumReadResult(StorageResult.Ok, MediumObjectKind.EndOfData, 0));
        if (_objects[(int)position.Number] is not { } record) return new(new MediumReadResult(StorageResult.Ok, MediumObjectKind.Filemark, 0));
        destination.CopyFrom(record.AsSpan(0, Math.Min(record.Length, destination.Length)));
        return new(new MediumReadResult(StorageResult.Ok, MediumObjectKind.Record, record.Length));
    }

    public ValueTask<StorageResult> WriteRecordAsync(MediumPosition position, DataSlice source, CancellationToken cancellationToken)
    {
        if (GetPartition(0).UsedBytes + source.Length > capacityBytes) return StorageResult.FromStorageStatus(StorageStatus.OutOfSpace).AsTask();
        return Append(position, [source.ToArray()]);
    }

    public ValueTask<StorageResult> WriteFilemarksAsync(MediumPosition position, int count, CancellationToken cancellationToken) =>
        Append(position, new byte[]?[count]);

    public ValueTask<StorageResult> TruncateAsync(MediumPosition position, CancellationToken cancellationToken) => Append(position, []);

    public bool TrySpaceFilemarks(MediumPosition position, long count, out MediumPosition found)
    {
        int step = count < 0 ? -1 : 1;
        long number = position.Number;
        for (long left = Math.Abs(count); left > 0;)
        {
            long next = step < 0 ? number - 1 : number;
            if (next < 0 || next >= _objects.Count)
            {
                found = position with { Number = number };
                return false;
            }

            if (_objects[(int)next] is null) left--;
            number += step;
        }

        found = position with { Number = number };
        return true;
    }

    public ValueTask<StorageResult> FormatAsync(ReadOnlyMemory<long> partitionBytes, CancellationToken cancellationToken)
    {
        if (writeOnce && _objects.Count > 0) return StorageResult.FromStorageStatus(StorageStatus.ReadOnly).AsTask();
        _objects.Clear();
        return StorageResult.Ok.AsTask();
    }

    public ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken)
    {
        Flushes++;
        return StorageResult.Ok.AsTask();
    }

    public ReadOnlyMemory<byte>? GetAttribute(string name) => _attributes.TryGetValue(name, out byte[]? value) ? (ReadOnlyMemory<byte>?)value : null;

    public ValueTask<StorageResult> SetAttributeAsync(string name, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        if (value.IsEmpty) _attributes.Remove(name);
        else _attributes[name] = value.ToArray();
        return StorageResult.Ok.AsTask();
    }

    public ValueTask DisposeAsync() => default;

    private ValueTask<StorageResult> Append(MediumPosition position, byte[]?[] items)
    {
        int number = (int)position.Number;
        if (number > _objects.Count) return StorageResult.FromStorageStatus(StorageStatus.OutOfRange).AsTask();
        if (writeOnce && number < _objects.Count) return StorageResult.FromStorageStatus(StorageStatus.ReadOnly).AsTask();
        _objects.RemoveRange(number, _objects.Count - number);
        _objects.AddRange(items);
        return StorageResult.Ok.AsTask();
    }
}
