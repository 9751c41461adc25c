using TgtModular.Tgt.Tools.CommandLine;

namespace TgtModular.Tgt.Tools.Tgtadm;

/// <summary>tgtadm's options. <c>-F</c> and <c>-O</c> swallow a word, as those of tgt do; their long names take none.</summary>
internal static class AdminOptions
{
    public const char Debug = 'd';
    public const char Help = 'h';
    public const char Version = 'V';

    public static IReadOnlyList<OptionSpec> All { get; } =
    [
        OptionSpec.Switch(Debug, "debug"),
        OptionSpec.Switch(Help, "help"),
        OptionSpec.Switch(Version, "version"),
        OptionSpec.Value('L', "lld"),
        OptionSpec.Value('o', "op"),
        OptionSpec.Value('m', "mode"),
        OptionSpec.Value('t', "tid"),
        OptionSpec.Value('s', "sid"),
        OptionSpec.Value('c', "cid"),
        OptionSpec.Value('l', "lun"),
        OptionSpec.Value('n', "name"),
        OptionSpec.Value('v', "value"),
        OptionSpec.Value('b', "backing-store"),
        OptionSpec.Value('E', "bstype"),
        OptionSpec.Value('S', "bsopts"),
        OptionSpec.Value('f', "bsoflags"),
        OptionSpec.Value('y', "blocksize"),
        OptionSpec.Value('T', "targetname"),
        OptionSpec.Value('I', "initiator-address"),
        OptionSpec.Value('Q', "initiator-name"),
        OptionSpec.Value('u', "user"),
        OptionSpec.Value('p', "password"),
        OptionSpec.Value('H', "host"),
        new('F', "force", LongTakesValue: false, ShortTakesValue: true),
        OptionSpec.Value('P', "params"),
        OptionSpec.Value('B', "bus"),
        OptionSpec.Value('Y', "device-type"),
        new('O', "outgoing", LongTakesValue: false, ShortTakesValue: true),
        OptionSpec.Value('C', "control-port"),
    ];
}
