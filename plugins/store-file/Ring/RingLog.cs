using Microsoft.Extensions.Logging;

namespace TgtModular.Stores.Ring;

internal static partial class RingLog
{
    [LoggerMessage(4, LogLevel.Warning, "store '{Store}': calls that wait for the device are made on worker threads: {Reason}")]
    public static partial void NoRing(ILogger logger, string store, string reason);

    [LoggerMessage(5, LogLevel.Error, "what followed from a call on {Path} threw")]
    public static partial void AnswerFault(ILogger logger, string path, Exception fault);
}
