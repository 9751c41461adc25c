using Microsoft.Extensions.Logging;
using TgtModular.Core.Control;

namespace TgtModular.Core.Engine;

/// <summary>One way to tell of a plugin's unexpected exception.</summary>
internal static partial class EngineFaults
{
    public static ControlResult Report(ILogger logger, string what, string plugin, Exception fault)
    {
        LogFault(logger, what, plugin, fault);
        return ControlResult.Failed($"{what}: plugin {plugin} failed unexpectedly: {fault.GetType().Name}: {fault.Message}");
    }

    [LoggerMessage(EventId = 310, Level = LogLevel.Error, Message = "{What}: plugin {Plugin} threw")]
    private static partial void LogFault(ILogger logger, string what, string plugin, Exception fault);
}
