using Microsoft.Extensions.Logging;

namespace TgtModular.Lio;

/// <summary>What transports of LIO log. Event ids 750 to 799 are theirs and never change their meaning.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 750, Level = LogLevel.Information, Message = "port {Port} serves through {Fabric}")]
    public static partial void PortUp(ILogger logger, string port, string fabric);

    [LoggerMessage(EventId = 751, Level = LogLevel.Information, Message = "port {Port} is removed from {Fabric}")]
    public static partial void PortRemoved(ILogger logger, string port, string fabric);

    [LoggerMessage(EventId = 752, Level = LogLevel.Error, Message = "{Problem}")]
    public static partial void Problem(ILogger logger, string problem);

    [LoggerMessage(EventId = 753, Level = LogLevel.Information, Message = "all is well again")]
    public static partial void NoProblem(ILogger logger);

    [LoggerMessage(
        EventId = 760, Level = LogLevel.Information,
        Message = "unit {Unit} is LUN {Lun} of {Port} for {Initiator}, backend {Backend}, reservations: {Reservations}")]
    public static partial void Exported(
        ILogger logger, string unit, string lun, string port, string initiator, string backend, Configfs.Reservations reservations);

    [LoggerMessage(EventId = 761, Level = LogLevel.Information, Message = "unit {Unit} is no longer LUN {Lun} of {Port} for {Initiator}")]
    public static partial void Unexported(ILogger logger, string unit, string lun, string port, string initiator);

    [LoggerMessage(EventId = 762, Level = LogLevel.Information, Message = "took over backend {Backend}: unit {Unit}, LUN {Lun} of {Port} for {Initiator}")]
    public static partial void TakenOver(ILogger logger, string backend, string unit, string lun, string port, string initiator);

    [LoggerMessage(EventId = 763, Level = LogLevel.Warning, Message = "removed {Path}, left behind and not wanted any more")]
    public static partial void LeftoverRemoved(ILogger logger, string path);

    [LoggerMessage(
        EventId = 764, Level = LogLevel.Warning,
        Message = "backend {Backend} of unit {Unit}: reservations from here are refused, this kernel cannot pass them to the unit (Linux 5.8 can)")]
    public static partial void ReservationsRefused(ILogger logger, string backend, string unit);

    [LoggerMessage(EventId = 765, Level = LogLevel.Error, Message = "backend {Backend} is not served any more: {Problem}; it is made anew")]
    public static partial void RingFailed(ILogger logger, string backend, string problem);

    [LoggerMessage(EventId = 770, Level = LogLevel.Warning, Message = "could not be taken back: {Problem}")]
    public static partial void NotUndone(ILogger logger, string problem);

    [LoggerMessage(EventId = 771, Level = LogLevel.Error, Message = "a pass over the configuration failed")]
    public static partial void PassFailed(ILogger logger, Exception fault);
}
