using TgtModular.Buffers;

namespace TgtModular.Storage;

/// <summary>What stands at a position of a sequential medium.</summary>
public enum MediumObjectKind : byte
{
    /// <summary>A data block of any length.</summary>
    Record,

    /// <summary>A filemark.</summary>
    Filemark,

    /// <summary>Nothing was recorded from here on.</summary>
    EndOfData,
}

/// <summary>A logical object of a sequential medium (SSC-4 section 4.2.7).</summary>
/// <param name="Partition">Partition number, from 0.</param>
/// <param name="Number">Logical object identifier within the partition: records and filemarks count one each, from 0.</param>
public readonly record struct MediumPosition(int Partition, long Number);

/// <summary>What a read of a sequential medium found.</summary>
/// <param name="Result">How it ended.</param>
/// <param name="Kind">What stood there.</param>
/// <param name="Length">Full length of the record in bytes; the destination holds the part that fits.</param>
public readonly record struct MediumReadResult(StorageResult Result, MediumObjectKind Kind, int Length);

/// <summary>State of one partition.</summary>
/// <param name="ObjectCount">Records and filemarks before end of data.</param>
/// <param name="CapacityBytes">Nominal capacity in bytes.</param>
/// <param name="UsedBytes">Bytes recorded.</param>
/// <param name="EarlyWarning">True when what was written has passed the early warning position.</param>
public readonly record struct PartitionState(long ObjectCount, long CapacityBytes, long UsedBytes, bool EarlyWarning);

/// <summary>
/// A medium that is recorded in objects, not addressed in bytes: tape images, and write-once tracks of optical media. Appending at a position
/// drops everything behind it, unless the medium is write-once: then only end of data may be written, and anything else answers
/// <see cref="StorageStatus.ReadOnly"/>. A read with an empty destination tells kind and length without the data.
/// </summary>
public interface IMediumStore : IBackingStore
{
    /// <summary>True when recorded objects cannot be replaced.</summary>
    bool WriteOnce { get; }

    /// <summary>Number of partitions, at least 1.</summary>
    int PartitionCount { get; }

    /// <summary>State of a partition.</summary>
    PartitionState GetPartition(int partition);

    /// <summary>Reads the object at a position.</summary>
    ValueTask<MediumReadResult> ReadAsync(MediumPosition position, DataSlice destination, CancellationToken cancellationToken);

    /// <summary>Records one data block at a position; everything behind it is gone.</summary>
    ValueTask<StorageResult> WriteRecordAsync(MediumPosition position, DataSlice source, CancellationToken cancellationToken);

    /// <summary>Records filemarks at a position; everything behind them is gone.</summary>
    ValueTask<StorageResult> WriteFilemarksAsync(MediumPosition position, int count, CancellationToken cancellationToken);

    /// <summary>Makes a position end of data.</summary>
    ValueTask<StorageResult> TruncateAsync(MediumPosition position, CancellationToken cancellationToken);

    /// <summary>Position just behind the <paramref name="count"/>-th filemark from a position; backwards (in front of it) when negative.</summary>
    /// <param name="position">Start.</param>
    /// <param name="count">Filemarks to pass.</param>
    /// <param name="found">The new position, or where the search had to end.</param>
    /// <returns>False when there are fewer filemarks.</returns>
    bool TrySpaceFilemarks(MediumPosition position, long count, out MediumPosition found);

    /// <summary>Divides the medium anew; everything on it is gone.</summary>
    ValueTask<StorageResult> FormatAsync(ReadOnlyMemory<long> partitionBytes, CancellationToken cancellationToken);

    /// <summary>Makes everything recorded durable.</summary>
    ValueTask<StorageResult> FlushAsync(CancellationToken cancellationToken);

    /// <summary>Reads a medium attribute (barcode, MAM attribute, disc state) by its name, null when there is none.</summary>
    ReadOnlyMemory<byte>? GetAttribute(string name);

    /// <summary>Writes a medium attribute durably; an empty value removes it.</summary>
    ValueTask<StorageResult> SetAttributeAsync(string name, ReadOnlyMemory<byte> value, CancellationToken cancellationToken);
}
