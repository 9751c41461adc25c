using Microsoft.Extensions.Logging;

namespace TgtModular.Stores;

internal static partial class FileStoreLog
{
    [LoggerMessage(1, LogLevel.Information, "store '{Store}': {Path} is open, {Length} bytes, cache {Cache}, io {Io}")]
    public static partial void Opened(ILogger logger, string store, string path, long length, CacheMode cache, IoMode io);

    [LoggerMessage(2, LogLevel.Critical, "store '{Store}': data could not be made durable on {Path} ({Error}). The kernel may have dropped what it could " +
        "not write, and would call the next attempt a success; writes and flushes are refused until the store is opened again. Check the medium first")]
    public static partial void DurabilityLost(ILogger logger, string store, string path, string error);

    [LoggerMessage(3, LogLevel.Error, "store '{Store}': {Path} ends at byte {Position}, before the store's {Length}: somebody cut it off while it was open")]
    public static partial void CutOff(ILogger logger, string store, string path, long position, long length);
}
