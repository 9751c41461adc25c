using System.Globalization;
using TgtModular.Tgt.Tools.Admin;
using TgtModular.Tgt.Tools.CommandLine;
using TgtModular.Tgt.Tools.Tgtadm;

namespace TgtModular.Tgt.Tools.SetupLun;

/// <summary>tgt-setup-lun: a target with one logical unit, and who may use it.</summary>
public static class SetupLunTool
{
    /// <summary>Name of the tool.</summary>
    public const string Name = "tgt-setup-lun";

    private static readonly OptionSpec[] Options =
    [
        OptionSpec.Value('n', "name"),
        OptionSpec.Value('d', "device"),
        OptionSpec.Value('b', "bstype"),
        OptionSpec.Value('B', "blocksize"),
        OptionSpec.Value('t', "transport"),
        OptionSpec.Value('C', "control-port"),
        OptionSpec.Switch('h', "help"),
    ];

    private static string Help { get; } = $"""
        tgt-setup-lun {ToolVersion.Text}: makes a target with one logical unit in a running SCSI target daemon.

        Usage: tgt-setup-lun -n NAME -d DEVICE [OPTION]... [INITIATOR-ADDRESS]...

          -n, --name NAME           the target: a whole name (iqn., eui., naa.), or what follows in iqn.2001-04.com.HOST-NAME
          -d, --device DEVICE       the file or device
          -b, --bstype TYPE         backing store (rdwr)
          -B, --blocksize BYTES     block size (512); disks with 4096-byte sectors keep their file systems readable with 4096
          -t, --transport DRIVER    the driver (iscsi)
          -C, --control-port PORT   which daemon, by its control port (0)
          -h, --help                this text
        Without an address every initiator may use the target.

        """;

    /// <summary>Runs the tool.</summary>
    /// <param name="arguments">The command line, without the program.</param>
    /// <param name="streams">Where to write.</param>
    /// <returns>The exit status.</returns>
    public static int Run(IReadOnlyList<string> arguments, ToolStreams streams)
    {
        SetupLunRequest request = new();
        OptionReader reader = new(Name, Options, arguments);
        while (reader.Read())
        {
            if (reader.Letter == 'h')
            {
                streams.Output.Write(Help);
                return ExitStatus.Success;
            }

            Set(request, reader);
        }

        string? wrong = reader.Error;
        if (wrong == null && request.Device.Length == 0) wrong = "Error: a device is mandatory";
        if (wrong == null && request.Name.Length == 0) wrong = "Error: a target name is mandatory";
        if (wrong == null) return new SetupLunJob(request, reader.Operands, streams).Run();
        streams.Error.WriteLine($"{wrong}\nTry `{Name} --help' for more information.");
        return ExitStatus.Failure;
    }

    private static void Set(SetupLunRequest request, OptionReader reader)
    {
        switch (reader.Letter)
        {
            case 'n':
                request.Name = reader.Value;
                break;
            case 'd':
                request.Device = reader.Value;
                break;
            case 'b':
                request.StoreType = reader.Value;
                break;
            case 'B':
                request.BlockSize = reader.Value;
                break;
            case 't':
                request.Driver = reader.Value;
                break;
            case 'C':
                request.ControlPort = reader.Value;
                break;
        }
    }
}

/// <summary>What a command line of tgt-setup-lun wants.</summary>
internal sealed class SetupLunRequest
{
    public string Name { get; set; } = "";

    public string Device { get; set; } = "";

    public string StoreType { get; set; } = "";

    public string BlockSize { get; set; } = "";

    public string Driver { get; set; } = "iscsi";

    public string ControlPort { get; set; } = "";
}

/// <summary>Does what the command line wants; what was made goes again if the rest fails.</summary>
internal sealed class SetupLunJob(SetupLunRequest request, IReadOnlyList<string> initiators, ToolStreams streams)
{
    private const string FirstLun = "1";
    private static readonly string[] WholeNames = ["iqn.", "eui.", "naa."];

    public int Run()
    {
        if (request.ControlPort.Length > 0) streams.Output.WriteLine($"Control port: {request.ControlPort}");
        streams.Output.WriteLine($"Using transport: {request.Driver}");
        Exchange shown = Ask("--op", "show", "--mode", "target");
        if (!shown.Succeeded)
        {
            streams.Error.WriteLine(shown.Text);
            return ExitStatus.Failure;
        }

        List<ShownTarget> targets = TargetListing.Targets(shown.Text);
        string name = WholeNames.Any(prefix => request.Name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            ? request.Name
            : $"iqn.2001-04.com.{Environment.MachineName}-{request.Name}";
        if (targets.Exists(target => target.Name == name)) return Fail($"Error: target named {name} already exists");
        int free = 1;
        while (targets.Exists(target => target.Id == free)) free++;
        return Make(name, free.ToString(CultureInfo.InvariantCulture));
    }

    private int Make(string name, string id)
    {
        streams.Output.WriteLine($"Creating new target (name={name}, tid={id})");
        if (!Do("--op", "new", "--mode", "target", "--tid", id, "-T", name)) return Fail($"Error: failed to create target (name={name}, tid={id})");
        if (!AddUnit(id))
        {
            int status = Fail($"Error: failed to add a logical unit ({request.Device}) to target, tid={id}");
            streams.Output.WriteLine($"Deleting new target, tid={id}");
            _ = Do("--op", "delete", "--mode", "target", "--tid", id);
            return status;
        }

        string[] addresses = initiators.Count > 0 ? [.. initiators] : ["ALL"];
        streams.Output.WriteLine($"Accepting connections from {(initiators.Count > 0 ? string.Join(' ', addresses) : "all initiators")}");
        int result = ExitStatus.Success;
        foreach (string address in addresses)
        {
            if (!Do("--op", "bind", "--mode", "target", "--tid", id, "-I", address)) result = Fail($"Error: could not assign initiator {address} to the target");
        }

        return result;
    }

    private bool AddUnit(string id)
    {
        streams.Output.WriteLine($"Adding a logical unit ({request.Device}) to target, tid={id}");
        List<string> words = ["--op", "new", "--mode", "logicalunit", "--tid", id, "--lun", FirstLun, "-b", WholePath(request.Device)];
        if (request.StoreType.Length > 0)
        {
            streams.Output.WriteLine($"Setting backing store type: {request.StoreType}");
            words.AddRange("--bstype", request.StoreType);
        }

        if (request.BlockSize.Length > 0) words.AddRange("--blocksize", request.BlockSize);
        return Do([.. words]);
    }

    /// <summary>A file of this directory is none of the daemon's.</summary>
    private static string WholePath(string device) => Path.Exists(device) ? Path.GetFullPath(device) : device;

    private bool Do(params string[] words)
    {
        Exchange exchange = Ask(words);
        if (!exchange.Succeeded) streams.Error.WriteLine(exchange.Text);
        return exchange.Succeeded;
    }

    private Exchange Ask(params string[] words) =>
        AdminTool.Ask([.. request.ControlPort.Length > 0 ? ["-C", request.ControlPort] : Array.Empty<string>(), "--lld", request.Driver, .. words], streams);

    private int Fail(string message)
    {
        streams.Output.WriteLine(message);
        return ExitStatus.Failure;
    }
}
