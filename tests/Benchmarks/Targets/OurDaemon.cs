using System.Diagnostics;
using System.Globalization;
using System.Text;
using TgtModular.Benchmarks.Compare;

namespace TgtModular.Benchmarks.Targets;

/// <summary>tgtd of a built tree.</summary>
/// <param name="name">In the table.</param>
/// <param name="tree">The directory that tgtd and its plugins are in.</param>
/// <param name="options">Of <c>[transport.iscsi]</c>; those that begin with <c>env.</c> are its environment's, with <c>store.</c> its file stores'.</param>
/// <param name="data">What is served.</param>
/// <param name="spread">Whether the many units are wanted.</param>
internal sealed class OurDaemon(string name, string tree, IReadOnlyList<(string Name, string Value)> options, BenchData data, bool spread) : DaemonTarget(data, spread)
{
    private const string EnvironmentPrefix = "env.";
    private const string StorePrefix = "store.";

    public override string Name => name;

    public override async Task StartAsync()
    {
        string program = Path.Combine(tree, "tgtd");
        if (!File.Exists(program)) throw new BenchmarkException($"{name}: no {program}; build first");
        string directory = Directory.CreateDirectory(Path.Combine(Data.Directory, name)).FullName;
        string configuration = Path.Combine(directory, "tgt.toml");
        await File.WriteAllTextAsync(configuration, Configuration(directory));
        ProcessStartInfo start = new(program, ["--config", configuration])
        {
            WorkingDirectory = directory,
            Environment = { ["XDG_RUNTIME_DIR"] = directory, ["XDG_STATE_HOME"] = directory, ["NOTIFY_SOCKET"] = null },
        };
        foreach ((string variable, string value) in OptionsOf(EnvironmentPrefix)) start.Environment[variable] = value;
        await LaunchAsync(start);
        Started();
    }

    protected override int? LunOf(StoreKind store) => store switch
    {
        StoreKind.File => 1,
        StoreKind.Null => 2,
        StoreKind.Memory => 3,
        StoreKind.Device => Data.HasDevice ? DeviceLun : null,
        _ => FirstSpreadLun,
    };

    private string Configuration(string directory)
    {
        StringBuilder text = new();
        StringBuilder luns = new();
        text.AppendLine(CultureInfo.InvariantCulture, $"""
            state_directory = "{directory}/state"
            [transport.iscsi]
            listen = ["{Portal}"]
            {string.Join('\n', options.Where(option => !option.Name.Contains('.', StringComparison.Ordinal)).Select(Setting))}
            """);
        Add("file", 1, FileStore(Data.ExclusiveDisk()));
        Add("null", 2, $"""type = "null"{"\n"}size = "{Data.Length >> 20}MiB" """);
        Add("memory", 3, $"""type = "memory"{"\n"}size = "{Data.Length >> 20}MiB" """);
        int lun = FirstSpreadLun;
        foreach (string disk in Spread ? Data.SpreadDisks(name) : []) Add($"s{lun}", lun++, FileStore(disk));
        if (Data.HasDevice) Add("device", DeviceLun, FileStore(Data.DeviceDisk(name), ("cache", "direct")));
        text.AppendLine(CultureInfo.InvariantCulture, $$"""
            [[target]]
            iscsi.name = "{{TargetName}}"
            access = { addresses = ["127.0.0.0/8"] }
            luns = [{{luns}}]
            """);
        return text.ToString();

        void Add(string store, int number, string how)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"[store.{store}]\n{how}\n[unit.{store}]\ndevice = \"sbc\"\nstore = \"{store}\"");
            luns.Append(CultureInfo.InvariantCulture, $"{{ number = {number}, unit = \"{store}\" }}, ");
        }
    }

    private string FileStore(string path, params (string Name, string Value)[] more)
    {
        Dictionary<string, string> settings = more.ToDictionary(option => option.Name, option => option.Value);
        foreach ((string option, string value) in OptionsOf(StorePrefix)) settings[option] = value;
        return string.Join('\n', settings.Select(setting => Setting((setting.Key, setting.Value))).Prepend($"""type = "file"{"\n"}path = "{path}" """));
    }

    private IEnumerable<(string Name, string Value)> OptionsOf(string prefix) =>
        options.Where(option => option.Name.StartsWith(prefix, StringComparison.Ordinal)).Select(option => (option.Name[prefix.Length..], option.Value));

    /// <summary>A line of TOML: numbers and truth values as they are, all else as text.</summary>
    private static string Setting((string Name, string Value) option)
    {
        bool plain = long.TryParse(option.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _) || option.Value is "true" or "false";
        return $"{option.Name} = {(plain ? option.Value : $"\"{option.Value}\"")}";
    }
}
