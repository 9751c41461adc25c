using TgtModular.Tgt.Protocol;

namespace TgtModular.Tgt.Tools.Tgtadm;

/// <summary>What each mode and operation allows and needs, and tgtadm's words for it. Sessions and connections are left to the daemon.</summary>
/// <param name="program">Name of the program in messages.</param>
internal sealed class AdminRules(string program)
{
    private const string NameAndValue = "update operation requires 'name' and 'value' options";

    /// <summary>The options that <c>--op</c> allows; a mode or operation that is not here has rules of its own or none.</summary>
    private static string? Allowed(ManagementMode mode, ManagementOperation operation) => (mode, operation) switch
    {
        (ManagementMode.System, ManagementOperation.Update) => "LmonvC",
        (ManagementMode.Target, ManagementOperation.New) => "LmotTC",
        (ManagementMode.Target, ManagementOperation.Delete) => "LmotCF",
        (ManagementMode.Target, ManagementOperation.Show or ManagementOperation.Stat) => "LmotC",
        (ManagementMode.Target, ManagementOperation.Bind or ManagementOperation.Unbind) => "LmotIQBHC",
        (ManagementMode.Target, ManagementOperation.Update) => "LmotnvC",
        (ManagementMode.LogicalUnit, ManagementOperation.New) => "LmofytlbEYCS",
        (ManagementMode.LogicalUnit, ManagementOperation.Delete or ManagementOperation.Stat) => "LmotlC",
        (ManagementMode.LogicalUnit, ManagementOperation.Update) => "LmofytlPC",
        (ManagementMode.Portal, ManagementOperation.New or ManagementOperation.Delete) => "LmoCP",
        (ManagementMode.Portal, ManagementOperation.Show) => "LmoC",
        (ManagementMode.Account, ManagementOperation.New) => "LmoupfC",
        (ManagementMode.Account, ManagementOperation.Show) => "LmoC",
        (ManagementMode.Account, ManagementOperation.Delete) => "LmouC",
        (ManagementMode.Account, ManagementOperation.Bind or ManagementOperation.Unbind) => "LmotuOC",
        (ManagementMode.Driver, ManagementOperation.Start or ManagementOperation.Stop or ManagementOperation.Show) => "LmoC",
        _ => null,
    };

    /// <summary>Says what is wrong with a command line.</summary>
    /// <returns>A message, or null when the daemon may be asked.</returns>
    public string? Check(AdminArguments arguments)
    {
        if (arguments.Operation is not { } operation) return Message("specify the operation type");
        if (arguments.Mode is not { } mode) return Message("specify the mode");
        string? wrong = mode switch
        {
            ManagementMode.System => CheckSystem(operation, arguments),
            ManagementMode.Target => CheckTarget(operation, arguments),
            ManagementMode.LogicalUnit => CheckLogicalUnit(operation, arguments),
            ManagementMode.Portal => CheckPortal(operation, arguments),
            ManagementMode.Account => CheckAccount(operation, arguments),
            ManagementMode.Driver => CheckDriver(operation, arguments),
            _ => CheckNameHasValue(arguments),
        };
        return wrong == null ? null : Message(wrong);
    }

    private static string? CheckSystem(ManagementOperation operation, AdminArguments arguments)
    {
        switch (operation)
        {
            case ManagementOperation.Update:
                return Refused("system", operation, ManagementMode.System, arguments) ?? CheckNameAndValue(arguments);
            case ManagementOperation.Show or ManagementOperation.Stat or ManagementOperation.Delete:
                return CheckNameHasValue(arguments);
            default:
                return NoSuchOperation("system", arguments);
        }
    }

    private static string? CheckTarget(ManagementOperation operation, AdminArguments arguments)
    {
        if (operation != ManagementOperation.Show)
        {
            if (arguments.TargetId < 0) return "'tid' option is necessary";
            if (arguments.TargetId == 0) return "'tid' cannot be 0";
        }

        if (Allowed(ManagementMode.Target, operation) == null) return NoSuchOperation("target", arguments);
        return Refused("target", operation, ManagementMode.Target, arguments) ?? operation switch
        {
            ManagementOperation.New when arguments.Text('T') == null => "creating new target requires a name, use --targetname",
            ManagementOperation.Bind or ManagementOperation.Unbind when !NamesInitiator(arguments) =>
                $"{arguments.OperationName} operation requires initiator-address, initiator-nameor bus",
            ManagementOperation.Update => CheckNameAndValue(arguments),
            _ => null,
        };
    }

    private static string? CheckLogicalUnit(ManagementOperation operation, AdminArguments arguments)
    {
        if (arguments.TargetId < 0) return "'tid' option is necessary";
        if (arguments.TargetId == 0) return "'tid' must not be 0";
        if (arguments.Lun == ManagementRequest.NoLun) return "'lun' option is necessary";
        if (Allowed(ManagementMode.LogicalUnit, operation) is not { } allowed) return NoSuchOperation("logicalunit", arguments);
        if (operation == ManagementOperation.Update)
            return FirstRefused(allowed, arguments) is { } letter ? $"option '-{letter}' not supported in logicalunit mode" : null;
        return Refused("logicalunit", operation, ManagementMode.LogicalUnit, arguments)
            ?? (operation == ManagementOperation.New && NeedsStore(arguments) ? "'backing-store' option is necessary" : null);
    }

    private static string? CheckPortal(ManagementOperation operation, AdminArguments arguments)
    {
        if (Allowed(ManagementMode.Portal, operation) is not { } allowed) return NoSuchOperation("portal", arguments);
        if (operation == ManagementOperation.Show)
            return FirstRefused(allowed, arguments) is { } letter ? $"option '-{letter}' not supported in portal mode" : null;
        return Refused("portal", operation, ManagementMode.Portal, arguments)
            ?? (arguments.Text('P') == null ? "you must specify --param portal=<portal>" : null);
    }

    private static string? CheckAccount(ManagementOperation operation, AdminArguments arguments)
    {
        if (Allowed(ManagementMode.Account, operation) == null) return NoSuchOperation("account", arguments);
        return Refused("account", operation, ManagementMode.Account, arguments) ?? operation switch
        {
            ManagementOperation.New when arguments.Text('u') == null || arguments.Text('p') == null => "'user' and 'password' options are required",
            ManagementOperation.Bind or ManagementOperation.Unbind when arguments.Text('u') == null => "'user' option is necessary",
            _ => null,
        };
    }

    private static string? CheckDriver(ManagementOperation operation, AdminArguments arguments) =>
        Allowed(ManagementMode.Driver, operation) == null
            ? $"option {(uint)operation} not supported in lld mode"
            : Refused("lld", operation, ManagementMode.Driver, arguments);

    private static bool NamesInitiator(AdminArguments arguments) =>
        arguments.Text('I') != null || arguments.Text('Q') != null || arguments.HostNumber != 0;

    /// <summary>Without a store there is a disk, a tape and an optical drive (the latter two without a medium), but nothing else.</summary>
    private static bool NeedsStore(AdminArguments arguments) =>
        arguments.Text('b') == null
        && arguments.DeviceType is not (ManagementDeviceType.Disk or ManagementDeviceType.Tape or ManagementDeviceType.Optical);

    private static string? CheckNameAndValue(AdminArguments arguments) =>
        arguments.Text('n') == null || arguments.Text('v') == null ? NameAndValue : null;

    /// <summary>Where any option is let through, a name alone would be sent with a value nobody gave.</summary>
    private static string? CheckNameHasValue(AdminArguments arguments) =>
        arguments.Text('n') != null && arguments.Text('v') == null ? NameAndValue : null;

    private static string? Refused(string modeName, ManagementOperation operation, ManagementMode mode, AdminArguments arguments) =>
        FirstRefused(Allowed(mode, operation)!, arguments) is { } letter ? $"{modeName} mode: option '-{letter}' is not allowed/supported" : null;

    private static char? FirstRefused(string allowed, AdminArguments arguments)
    {
        foreach (char letter in arguments.Given)
        {
            if (!allowed.Contains(letter, StringComparison.Ordinal)) return letter;
        }

        return null;
    }

    private static string NoSuchOperation(string modeName, AdminArguments arguments) =>
        $"operation {arguments.OperationName} not supported in {modeName} mode";

    private string Message(string text) => $"{program}: {text}";
}
