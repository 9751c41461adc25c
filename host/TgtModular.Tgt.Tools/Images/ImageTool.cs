using TgtModular.Tgt.Tools.CommandLine;

namespace TgtModular.Tgt.Tools.Images;

/// <summary>tgtimg: image files for logical units. Disks so far; tapes and discs are refused.</summary>
public static class ImageTool
{
    /// <summary>Name of the tool.</summary>
    public const string Name = "tgtimg";

    private static readonly OptionSpec[] Options =
    [
        OptionSpec.Switch('h', "help"),
        OptionSpec.Value('o', "op"),
        OptionSpec.Value('Y', "device-type"),
        OptionSpec.Value('b', "barcode"),
        OptionSpec.Value('s', "size"),
        OptionSpec.Value('t', "type"),
        OptionSpec.Value('f', "file"),
        OptionSpec.Switch('T', "thin-provisioning"),
    ];

    private static string Help { get; } = $"""
        tgtimg {ToolVersion.Text}: image files for logical units.

        Usage: tgtimg --op new --device-type disk --type disk --size MEGABYTES --file FILE [--thin-provisioning]
               tgtimg --op show --device-type disk --file FILE

          -o, --op new|show          make a file, or tell what is in one
          -Y, --device-type TYPE     what the image is for: disk (tape and cd are not made by this version)
          -t, --type TYPE            the medium: disk
          -s, --size MEGABYTES       its size, in units of 1048576 bytes
          -f, --file FILE            the file; one that exists is left alone
          -T, --thin-provisioning    take no room before it is written to
          -h, --help                 this text

        """;

    /// <summary>Runs the tool.</summary>
    /// <param name="arguments">The command line, without the program.</param>
    /// <param name="streams">Where to write.</param>
    /// <returns>The exit status.</returns>
    public static int Run(IReadOnlyList<string> arguments, ToolStreams streams)
    {
        Dictionary<char, string> given = [];
        OptionReader reader = new(Name, Options, arguments);
        while (reader.Read())
        {
            if (reader.Letter == 'h')
            {
                streams.Output.Write(Help);
                return ExitStatus.Success;
            }

            if (reader.Letter == 'o' && reader.Value is not ("new" or "show"))
            {
                streams.Error.WriteLine($"{Name}: unknown operation: {reader.Value}");
                return ExitStatus.Failure;
            }

            if (reader.Letter == 'Y' && reader.Value is not ("disk" or "tape" or "cd"))
            {
                streams.Error.WriteLine($"{Name}: unknown target type: {reader.Value}");
                return ExitStatus.InvalidArgument;
            }

            given[reader.Letter] = reader.Value;
        }

        string? wrong = reader.Error ?? (reader.Operands.Count > 0 ? $"{Name}: unrecognized option '{reader.Operands[0]}'" : null) ?? Check(given);
        if (wrong != null)
        {
            streams.Error.WriteLine($"{wrong}\nTry `{Name} --help' for more information.");
            return ExitStatus.InvalidArgument;
        }

        DiskImage image = new(given['f'], streams);
        return given['o'] == "show" ? image.Show() : image.Create(given['s'], isThin: given.ContainsKey('T'));
    }

    private static string? Check(Dictionary<char, string> given)
    {
        if (!given.TryGetValue('o', out string? operation)) return $"{Name}: specify the operation type";
        if (!given.ContainsKey('f')) return $"{Name}: specify a newly created file";
        string device = given.GetValueOrDefault('Y', "tape");
        if (device != "disk") return $"{Name}: images for {device} devices are not made by this version, only --device-type disk";
        if (operation == "show") return null;
        if (!given.TryGetValue('t', out string? type)) return $"{Name}: Missing media type: DISK";
        if (!type.Equals("disk", StringComparison.OrdinalIgnoreCase)) return $"{Name}: Media type must be DISK for disk devices";
        return given.ContainsKey('s') ? null : $"{Name}: Missing the capacity param";
    }
}
