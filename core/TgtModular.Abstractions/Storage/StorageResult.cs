namespace TgtModular.Storage;

/// <summary>How a storage operation ended.</summary>
public enum StorageStatus : byte
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>Compare-and-write found a difference; nothing was written.</summary>
    Miscompare,

    /// <summary>The range lies beyond the end.</summary>
    OutOfRange,

    /// <summary>The backing medium has no room for the write.</summary>
    OutOfSpace,

    /// <summary>The store is read-only.</summary>
    ReadOnly,

    /// <summary>Data could not be read.</summary>
    ReadError,

    /// <summary>Data could not be written or made durable.</summary>
    WriteError,

    /// <summary>The store has lost its connection and may come back.</summary>
    Unavailable,

    /// <summary>The store has no such ability.</summary>
    NotSupported,

    /// <summary>The operation was cancelled; a write may have happened in part.</summary>
    Cancelled,

    /// <summary>The store broke its own contract, or an unexpected fault stopped it.</summary>
    InternalFault,
}

/// <summary>Result of a storage operation.</summary>
/// <param name="Status">How it ended.</param>
/// <param name="Position">
/// With <see cref="StorageStatus.Miscompare"/> the first differing byte counted from the start of the compared data; with a read or write error the
/// store offset in bytes of the first bad byte; -1 when unknown.
/// </param>
public readonly record struct StorageResult(StorageStatus Status, long Position = -1)
{
    /// <summary>Done.</summary>
    public static StorageResult Ok => default;

    /// <summary>True when done.</summary>
    public bool IsOk => Status == StorageStatus.Ok;

    /// <summary>Same status and position; done is done, whatever position stands beside it.</summary>
    public bool Equals(StorageResult other) => Status == other.Status && (IsOk || Position == other.Position);

    /// <inheritdoc/>
    public override int GetHashCode() => IsOk ? 0 : HashCode.Combine(Status, Position);

    /// <summary>A result without a position.</summary>
    public static implicit operator StorageResult(StorageStatus status) => new(status);

    /// <summary>The named alternative of the conversion.</summary>
    public static StorageResult FromStorageStatus(StorageStatus status) => new(status);

    /// <summary>A completed task with this result.</summary>
    public ValueTask<StorageResult> AsTask() => new(this);
}
