using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using TgtModular.LoadGenerator.Durability;
using TgtModular.LoadGenerator.Initiator;
using TgtModular.LoadGenerator.Load;
using TgtModular.LoadGenerator.Relay;
using TgtModular.LoadGenerator.Report;

namespace TgtModular.LoadGenerator;

internal static class Program
{
    private static int Main(string[] arguments)
    {
        Argument<TargetAddress> address = Address();
        Option<AccessPattern> pattern = new("--pattern") { Description = "What to do", DefaultValueFactory = _ => AccessPattern.RandomRead };
        Option<int> reads = new("--reads") { Description = "Reads of a mix, in percent", DefaultValueFactory = _ => 50 };
        Option<int> luns = new("--luns") { Description = "Logical units the sessions are spread over, from the address's on", DefaultValueFactory = _ => 1 };
        Option<long> bytes = new("--bytes") { Description = "Per command; suffixes K and M", DefaultValueFactory = _ => 4096, CustomParser = ParseSize };
        Option<int> sessions = new("--sessions") { Description = "Sessions, of one connection each", DefaultValueFactory = _ => 1 };
        Option<int> depth = new("--depth") { Description = "Commands outstanding per session", DefaultValueFactory = _ => 1 };
        Option<int> threads = new("--threads") { Description = "Threads that drive the sessions", DefaultValueFactory = _ => 1 };
        Option<double> seconds = new("--seconds") { Description = "Measured time", DefaultValueFactory = _ => 5 };
        Option<double> warmup = new("--warmup") { Description = "Seconds before that", DefaultValueFactory = _ => 1 };
        Option<long?> commands = new("--commands") { Description = "End after so many commands instead" };
        Option<long> region = new("--region") { Description = "Bytes of the unit that are used; suffixes K, M, G", CustomParser = ParseSize };
        Option<bool> verify = new("--verify") { Description = "Write self-describing blocks and check them" };
        Option<bool> headerDigest = new("--header-digest") { Description = "CRC32C over headers" };
        Option<bool> dataDigest = new("--data-digest") { Description = "CRC32C over data" };
        Option<bool> json = new("--json") { Description = "One line of JSON instead of the table" };
        RootCommand root = new("Drives an iSCSI target and measures it. All data on the logical unit is lost when writing.")
        {
            address, pattern, reads, luns, bytes, sessions, depth, threads, seconds, warmup, commands, region, verify, headerDigest, dataDigest, json,
            DurabilityCommands.WriteUntilGone(Address()), DurabilityCommands.CheckStable(Address()), RelayCommand.Relay(),
        };
        root.SetAction(parsed =>
        {
            int sessionCount = Math.Max(1, parsed.GetValue(sessions));
            long regionBytes = parsed.GetValue(region);
            LoadOptions options = new()
            {
                Address = parsed.GetRequiredValue(address),
                Pattern = parsed.GetValue(pattern),
                ReadPercent = Math.Clamp(parsed.GetValue(reads), 0, 100),
                Luns = Math.Max(1, parsed.GetValue(luns)),
                TransferLength = (int)parsed.GetValue(bytes),
                Sessions = sessionCount,
                Depth = Math.Max(1, parsed.GetValue(depth)),
                Threads = Math.Clamp(parsed.GetValue(threads), 1, sessionCount),
                Duration = TimeSpan.FromSeconds(parsed.GetValue(seconds)),
                Warmup = TimeSpan.FromSeconds(parsed.GetValue(warmup)),
                CommandLimit = parsed.GetValue(commands),
                Region = regionBytes == 0 ? null : regionBytes,
                Verify = parsed.GetValue(verify),
                Login = new LoginWishes { HeaderDigest = parsed.GetValue(headerDigest), DataDigest = parsed.GetValue(dataDigest) },
            };
            return Run(options, parsed.GetValue(json));
        });
        return root.Parse(arguments).Invoke();
    }

    private static Argument<TargetAddress> Address() =>
        new("url") { Description = "iscsi://ADDRESS[:PORT]/TARGET-NAME/LUN", CustomParser = ParseAddress };

    private static int Run(LoadOptions options, bool json)
    {
        try
        {
            LoadResult result = LoadRun.Execute(options);
            Console.WriteLine(json ? ResultWriter.Json(result) : ResultWriter.Table(result));
            return result.IsClean ? 0 : 1;
        }
        catch (InitiatorException exception)
        {
            Console.Error.WriteLine($"tgtload: {exception.Message}");
            return 2;
        }
    }

    private static TargetAddress? ParseAddress(ArgumentResult result)
    {
        if (TargetAddress.TryParse(result.Tokens[0].Value, out TargetAddress? address))
            return address;
        result.AddError($"'{result.Tokens[0].Value}' is not of the form iscsi://ADDRESS[:PORT]/TARGET-NAME/LUN");
        return null;
    }

    private static long ParseSize(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        int shift = text.Length == 0 ? 0 : char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        if (long.TryParse(shift == 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number > 0)
            return number << shift;
        result.AddError($"'{text}' is not a size");
        return 0;
    }
}
