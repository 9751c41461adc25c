using System.Globalization;
using TgtModular.Tgt.Protocol;
using TgtModular.Tgt.Tools.CommandLine;

namespace TgtModular.Tgt.Tools.Tgtadm;

/// <summary>What became of a command line.</summary>
internal enum AdminParse
{
    /// <summary>It was read.</summary>
    Read,

    /// <summary>It asks for the help text.</summary>
    Help,

    /// <summary>It asks for the version.</summary>
    Version,

    /// <summary>It has an error.</summary>
    Wrong,
}

/// <summary>Reads the command line of tgtadm. The first thing that is wrong ends it, as with tgt's.</summary>
/// <param name="program">Name of the program in messages.</param>
internal sealed class AdminParser(string program)
{
    private const int LargestControlPort = short.MaxValue;

    /// <summary>What was read.</summary>
    public AdminArguments Arguments { get; } = new();

    /// <summary>What is wrong, complete lines.</summary>
    public string Error { get; private set; } = "";

    /// <summary>Exit status that goes with <see cref="Error"/>.</summary>
    public int Status { get; private set; }

    public AdminParse Parse(IReadOnlyList<string> arguments)
    {
        OptionReader reader = new(program, AdminOptions.All, arguments);
        while (reader.Read())
        {
            if (reader.Letter == AdminOptions.Help) return AdminParse.Help;
            if (reader.Letter == AdminOptions.Version) return AdminParse.Version;
            if (!Take(reader.Letter, reader.Value)) return AdminParse.Wrong;
        }

        if (reader.Error != null) return Usage(reader.Error);
        return reader.Operands.Count > 0 ? Usage($"{program}: unrecognized option '{reader.Operands[0]}'") : AdminParse.Read;
    }

    private bool Take(char letter, string value)
    {
        if (letter == AdminOptions.Debug)
        {
            Arguments.Debug = true;
            return true;
        }

        Arguments.Given.Add(letter);
        switch (letter)
        {
            case 'm': return TakeMode(value);
            case 'o': return TakeOperation(value);
            case 'Y': return TakeDeviceType(value);
            case 'B': return TakeBus(value);
            case 't': return TakeNumber(letter, value, int.MaxValue, number => Arguments.TargetId = (int)number);
            case 's': return TakeNumber(letter, value, ulong.MaxValue, number => Arguments.SessionId = number);
            case 'c': return TakeNumber(letter, value, uint.MaxValue, number => Arguments.ConnectionId = (uint)number);
            case 'l': return TakeNumber(letter, value, ulong.MaxValue, number => Arguments.Lun = number);
            case 'H': return TakeNumber(letter, value, uint.MaxValue, number => Arguments.HostNumber = (uint)number);
            case 'C': return TakeNumber(letter, value, LargestControlPort, number => Arguments.ControlPort = (int)number);
            default:
                Arguments.SetText(letter, value);
                return true;
        }
    }

    private bool TakeMode(string value)
    {
        Arguments.Mode = value switch
        {
            "system" or "sys" => ManagementMode.System,
            "target" or "tgt" => ManagementMode.Target,
            "logicalunit" or "lu" => ManagementMode.LogicalUnit,
            "portal" or "pt" => ManagementMode.Portal,
            "lld" => ManagementMode.Driver,
            "session" or "sess" => ManagementMode.Session,
            "connection" or "conn" => ManagementMode.Connection,
            "account" => ManagementMode.Account,
            _ => null,
        };
        return Arguments.Mode != null || Fail(ExitStatus.Failure, $"{program}: unknown mode: {value}");
    }

    private bool TakeOperation(string value)
    {
        Arguments.OperationName = value;
        Arguments.Operation = value switch
        {
            "new" => ManagementOperation.New,
            "delete" => ManagementOperation.Delete,
            "show" => ManagementOperation.Show,
            "bind" => ManagementOperation.Bind,
            "unbind" => ManagementOperation.Unbind,
            "update" => ManagementOperation.Update,
            "stat" => ManagementOperation.Stat,
            "start" => ManagementOperation.Start,
            "stop" => ManagementOperation.Stop,
            _ => null,
        };
        return Arguments.Operation != null || Fail(ExitStatus.Failure, $"{program}: unknown operation: {value}");
    }

    private bool TakeDeviceType(string value)
    {
        ManagementDeviceType? type = value switch
        {
            "disk" => ManagementDeviceType.Disk,
            "tape" or "ssc" => ManagementDeviceType.Tape,
            "cd" => ManagementDeviceType.Optical,
            "changer" => ManagementDeviceType.Changer,
            "osd" => ManagementDeviceType.ObjectStore,
            "pt" => ManagementDeviceType.Passthrough,
            _ => null,
        };
        if (type == null) return Fail(ExitStatus.InvalidArgument, $"{program}: unknown target type: {value}");
        Arguments.DeviceType = type.Value;
        return true;
    }

    /// <summary>A device of a bus stands for the SCSI host that hangs from it: <c>BUS,DEVICE</c> is looked up in sysfs.</summary>
    private bool TakeBus(string value)
    {
        string bus = value.Split(',')[0];
        if (!SystemBus.TryFindHost(value, out uint host)) return Fail(ExitStatus.InvalidArgument, $"{program}: can't find bus: {bus}");
        Arguments.HostNumber = host;
        return true;
    }

    private bool TakeNumber(char letter, string text, ulong largest, Action<ulong> set)
    {
        if (!UnsignedText.TryRead(text, out ulong number))
            return Fail(ExitStatus.InvalidArgument, WithHint($"-{letter} argument value '{text}' invalid"));
        if (number > largest) return Fail(ExitStatus.InvalidArgument, WithHint($"-{letter} argument value '{text}' out of range"));
        set(number);
        return true;
    }

    private AdminParse Usage(string message)
    {
        _ = Fail(ExitStatus.InvalidArgument, WithHint(message));
        return AdminParse.Wrong;
    }

    private string WithHint(string message) => string.Create(CultureInfo.InvariantCulture, $"{message}\nTry `{program} --help' for more information.");

    private bool Fail(int status, string message)
    {
        Status = status;
        Error = message;
        return false;
    }
}
