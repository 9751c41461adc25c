using Microsoft.Extensions.Logging;
using TgtModular.Tgt.Protocol;

namespace TgtModular.TgtSocket;

/// <summary>What the log says about the socket.</summary>
internal static partial class FaceLog
{
    [LoggerMessage(EventId = 540, Level = LogLevel.Warning, Message = "tgt socket: {Mode} {Operation} refused: {Problem}")]
    public static partial void Refused(ILogger logger, ManagementMode mode, ManagementOperation operation, string problem);

    [LoggerMessage(EventId = 541, Level = LogLevel.Warning, Message = "tgt socket: a client was sent away: {Problem}")]
    public static partial void SentAway(ILogger logger, string problem);

    [LoggerMessage(EventId = 542, Level = LogLevel.Information, Message = "tgt socket: listening on {Path}")]
    public static partial void Listening(ILogger logger, string path);

    [LoggerMessage(EventId = 543, Level = LogLevel.Error, Message = "tgt socket: {Mode} {Operation} failed")]
    public static partial void Failed(ILogger logger, ManagementMode mode, ManagementOperation operation, Exception fault);

    [LoggerMessage(EventId = 544, Level = LogLevel.Debug, Message = "tgt socket: {Mode} {Operation} target {Target} lun {Lun}: {Error}")]
    public static partial void Answered(
        ILogger logger, ManagementMode mode, ManagementOperation operation, int target, ulong lun, ManagementError error);

    [LoggerMessage(EventId = 545, Level = LogLevel.Error, Message = "tgt socket: accepting failed: {Problem}")]
    public static partial void AcceptFailed(ILogger logger, string problem);
}
