using Microsoft.Extensions.Logging;
using TgtModular.Devices;
using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Sessions;

namespace TgtModular.Iscsi;

/// <summary>What the transport logs. Event ids 500 to 599 are its own and never change their meaning.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 500, Level = LogLevel.Information, Message = "listening on {Portal}, portal group {Tag}")]
    public static partial void Listening(ILogger logger, string portal, ushort tag);

    [LoggerMessage(EventId = 501, Level = LogLevel.Information, Message = "no longer listening on {Portal}")]
    public static partial void NotListening(ILogger logger, string portal);

    [LoggerMessage(EventId = 502, Level = LogLevel.Warning, Message = "{Portal}: a connection could not be accepted: {Problem}")]
    public static partial void AcceptFailed(ILogger logger, string portal, string problem);

    [LoggerMessage(EventId = 503, Level = LogLevel.Warning, Message = "{Peer}: connection refused: {Limit}")]
    public static partial void ConnectionRefused(ILogger logger, string peer, string limit);

    [LoggerMessage(EventId = 504, Level = LogLevel.Error, Message = "{Problem}; it is tried again every few seconds")]
    public static partial void PortalMissing(ILogger logger, string problem);

    [LoggerMessage(EventId = 510, Level = LogLevel.Information, Message = "login: {Initiator} to {Target} from {Peer}, session {Tsih}")]
    public static partial void LoggedIn(ILogger logger, string initiator, string target, string peer, ushort tsih);

    [LoggerMessage(EventId = 511, Level = LogLevel.Warning, Message = "login failed: {Peer}: {Reason}: {Detail}")]
    public static partial void LoginFailed(ILogger logger, string peer, EndReason reason, string detail);

    [LoggerMessage(EventId = 512, Level = LogLevel.Information, Message = "connection closed: {Initiator} to {Target} from {Peer}: {Reason}: {Detail}")]
    public static partial void ConnectionClosed(ILogger logger, string initiator, string target, string peer, EndReason reason, string detail);

    [LoggerMessage(EventId = 513, Level = LogLevel.Error, Message = "{Peer}: internal fault")]
    public static partial void ConnectionFault(ILogger logger, string peer, Exception fault);

    [LoggerMessage(EventId = 514, Level = LogLevel.Error, Message = "target {Target} is misconfigured: {Problem}")]
    public static partial void TargetMisconfigured(ILogger logger, string target, string problem);

    [LoggerMessage(EventId = 520, Level = LogLevel.Warning, Message = "{Initiator}: rejected {Opcode}: {Reason}")]
    public static partial void Rejected(ILogger logger, string initiator, Opcode opcode, RejectReason reason);

    [LoggerMessage(EventId = 521, Level = LogLevel.Information, Message = "{Initiator}: {Function} of LUN {Lun}, task {ReferencedTag:x8}")]
    public static partial void TaskManagement(ILogger logger, string initiator, TaskManagementFunction function, string lun, uint referencedTag);

    [LoggerMessage(EventId = 522, Level = LogLevel.Error, Message = "{Initiator}: {Function} failed")]
    public static partial void TaskManagementFailed(ILogger logger, string initiator, Scsi.TaskManagementFunction function, Exception fault);

    [LoggerMessage(EventId = 530, Level = LogLevel.Information, Message = "draining: {Sessions} sessions are asked to log out within {Seconds} s")]
    public static partial void Draining(ILogger logger, int sessions, double seconds);

    [LoggerMessage(
        EventId = 550, Level = LogLevel.Warning,
        Message = "{Loop}: a call for the connection of {RemoteEndPoint} has not returned for more than a second; the other connections go on in another thread")]
    public static partial void LoopTakenOver(ILogger logger, string loop, string remoteEndPoint);

    [LoggerMessage(EventId = 551, Level = LogLevel.Information, Message = "{Loop}: the call for the connection of {RemoteEndPoint} has returned")]
    public static partial void LoopGivenBack(ILogger logger, string loop, string remoteEndPoint);

    /// <summary>A command, decoded as far as a transport can: at debug level only.</summary>
    public static void Command(ILogger logger, Session session, ScsiCommand command)
    {
        if (!logger.IsEnabled(LogLevel.Debug)) return;
        CommandReceived(
            logger, session.InitiatorName, command.Lun.ToString(), (uint)command.Tag, command.Cdb[0], Convert.ToHexStringLower(command.Cdb),
            command.ExpectedDataOut, command.ExpectedDataIn);
    }

    [LoggerMessage(EventId = 541, Level = LogLevel.Debug, Message = "task {Tag:x8}: {Outcome}")]
    public static partial void CommandFailed(ILogger logger, ulong tag, Scsi.ScsiOutcome outcome);

    [LoggerMessage(
        EventId = 540, Level = LogLevel.Debug, SkipEnabledCheck = true,
        Message = "{Initiator} LUN {Lun} task {Tag:x8}: operation {OperationCode:X2}h, CDB {Cdb}, Data-Out {DataOut}, Data-In {DataIn}")]
    private static partial void CommandReceived(
        ILogger logger, string initiator, string lun, uint tag, byte operationCode, string cdb, long dataOut, long dataIn);
}
