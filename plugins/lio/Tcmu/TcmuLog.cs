using Microsoft.Extensions.Logging;
using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.Lio.Tcmu;

/// <summary>What the ring engine logs. Event ids 700 to 749 are its own and never change their meaning.</summary>
internal static partial class TcmuLog
{
    [LoggerMessage(EventId = 700, Level = LogLevel.Information, Message = "{Device}: serving {Path}, LUN {Lun} for {Initiator}; {Takeover}")]
    public static partial void Serving(ILogger logger, string device, string path, string lun, string initiator, string takeover);

    [LoggerMessage(EventId = 701, Level = LogLevel.Information, Message = "{Device}: no longer served")]
    public static partial void Stopped(ILogger logger, string device);

    [LoggerMessage(
        EventId = 702, Level = LogLevel.Error,
        Message = "{Device}: fenced, {Damage}; its commands end by the kernel's time limit, until the device is served anew")]
    public static partial void Fenced(ILogger logger, string device, string damage);

    [LoggerMessage(
        EventId = 703, Level = LogLevel.Warning,
        Message = "{Device}: its ring cannot be reset ({Problem}); what stands in it is served again, and every command is answered in order")]
    public static partial void ResetFailed(ILogger logger, string device, string problem);

    [LoggerMessage(EventId = 704, Level = LogLevel.Error, Message = "{Device}: {Count} commands have not ended in time; their memory stays mapped")]
    public static partial void Abandoned(ILogger logger, string device, int count);

    [LoggerMessage(EventId = 710, Level = LogLevel.Information, Message = "{Device}: {Function} by the kernel, of {Count} commands")]
    public static partial void TaskManagement(ILogger logger, string device, RingFunction function, int count);

    [LoggerMessage(EventId = 711, Level = LogLevel.Error, Message = "{Device}: {Function} failed")]
    public static partial void TaskManagementFailed(ILogger logger, string device, TaskManagementFunction function, Exception fault);

    [LoggerMessage(EventId = 712, Level = LogLevel.Warning, Message = "{Device}: operation {Operation} at {Position} of the ring is not known; the kernel is told so")]
    public static partial void UnknownOperation(ILogger logger, string device, int operation, uint position);

    [LoggerMessage(EventId = 720, Level = LogLevel.Debug, Message = "{Device}: command {Identifier}: {Outcome}")]
    public static partial void CommandFailed(ILogger logger, string device, ushort identifier, ScsiOutcome outcome);

    [LoggerMessage(EventId = 730, Level = LogLevel.Warning, Message = "the kernel tells nothing of its devices: {Problem}")]
    public static partial void NetlinkMissing(ILogger logger, string problem);

    [LoggerMessage(EventId = 731, Level = LogLevel.Warning, Message = "messages of the kernel about its devices were lost: {Problem}")]
    public static partial void NetlinkLost(ILogger logger, string problem);

    [LoggerMessage(EventId = 732, Level = LogLevel.Error, Message = "a message of the kernel about {Device} could not be treated")]
    public static partial void NetlinkFault(ILogger logger, string device, Exception fault);

    [LoggerMessage(EventId = 740, Level = LogLevel.Error, Message = "the loop that serves rings failed in {Handler}")]
    public static partial void LoopFault(ILogger logger, string handler, Exception fault);

    /// <summary>A command, decoded as far as a transport can: at debug level only.</summary>
    public static void Command(ILogger logger, string device, ushort identifier, ScsiCommand command, int data)
    {
        if (!logger.IsEnabled(LogLevel.Debug)) return;
        CommandTaken(logger, device, identifier, command.Cdb[0], Convert.ToHexStringLower(command.Cdb), data);
    }

    [LoggerMessage(
        EventId = 721, Level = LogLevel.Debug, SkipEnabledCheck = true,
        Message = "{Device}: command {Identifier}: operation {OperationCode:X2}h, CDB {Cdb}, data {Data}")]
    private static partial void CommandTaken(ILogger logger, string device, ushort identifier, byte operationCode, string cdb, int data);
}
