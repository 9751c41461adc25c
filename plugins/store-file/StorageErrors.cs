using TgtModular.Storage;
using TgtModular.Stores.Native;

namespace TgtModular.Stores;

/// <summary>The one place where errno becomes a storage result.</summary>
internal static class StorageErrors
{
    /// <param name="error">Positive errno.</param>
    /// <param name="failure">What it is unless the errno says more: a read or a write error.</param>
    /// <param name="position">Byte offset where it happened.</param>
    public static StorageResult ToResult(int error, StorageStatus failure, long position) => error switch
    {
        ErrorNumber.NoSpace or ErrorNumber.QuotaExceeded or ErrorNumber.FileTooBig => new StorageResult(StorageStatus.OutOfSpace, position),
        ErrorNumber.ReadOnlyFileSystem => new StorageResult(StorageStatus.ReadOnly, position),
        ErrorNumber.InvalidArgument or ErrorNumber.BadDescriptor or ErrorNumber.BadAddress => new StorageResult(StorageStatus.InternalFault, position),
        _ when ErrorNumber.MeansUnsupported(error) => StorageResult.FromStorageStatus(StorageStatus.NotSupported),
        _ => new StorageResult(failure, position),
    };
}
