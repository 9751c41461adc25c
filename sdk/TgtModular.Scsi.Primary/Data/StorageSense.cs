using TgtModular.Storage;

namespace TgtModular.Scsi.Primary;

/// <summary>The one place where storage results become SCSI outcomes.</summary>
public static class StorageSense
{
    /// <summary>Maps a result.</summary>
    /// <param name="result">What the store answered.</param>
    /// <param name="blockLength">Bytes per logical block, to turn a store offset into an LBA; at least 1.</param>
    public static ScsiOutcome Map(StorageResult result, int blockLength)
    {
        if (result.IsOk) return ScsiOutcome.Good;
        return MapFailure(result, blockLength);
    }

    private static ScsiOutcome MapFailure(StorageResult result, int blockLength)
    {
        long? address = result.Position >= 0 ? result.Position / blockLength : null;
        return result.Status switch
        {
            StorageStatus.Miscompare => Sense.MiscompareDuringVerify(Math.Max(result.Position, 0)),
            StorageStatus.OutOfRange => Sense.LbaOutOfRange,
            StorageStatus.OutOfSpace => Sense.SpaceAllocationFailed,
            StorageStatus.ReadOnly => Sense.WriteProtected,
            StorageStatus.ReadError => Sense.UnrecoveredReadError(address),
            StorageStatus.WriteError => Sense.WriteError(address),
            StorageStatus.Unavailable => Sense.CommunicationFailure,
            StorageStatus.Cancelled => Sense.Aborted(AdditionalSense.None),
            // NotSupported: the store lacks an ability it declared, which is as much its fault as InternalFault.
            _ => Sense.InternalTargetFailure,
        };
    }
}
