using System.Diagnostics;
using TgtModular.Interop.Harness;
using TgtModular.Interop.TgtTools.Harness;
using TgtModular.Tgt.Protocol;
using TgtModular.Tgt.Tools.Tests.Harness;
using TgtModular.Tgt.Tools.Tgtadm;

namespace TgtModular.Interop.TgtTools;

/// <summary>
/// Every mode with every operation, with what it needs, without it and with every other option: Debian's tgtadm and ours say the same and send the same.
/// Ours runs in this process, so that there can be thousands of them; a socket that only records stands for the daemon.
/// </summary>
[TestClass]
public sealed class TgtadmOptionTableTests
{
    private static readonly string[] Modes = ["system", "target", "logicalunit", "portal", "session", "connection", "account", "lld"];
    private static readonly string[] Operations = ["new", "delete", "show", "bind", "unbind", "update", "stat", "start", "stop"];

    private static readonly Dictionary<char, string[]> Options = new()
    {
        ['L'] = ["--lld", "iscsi"],
        ['t'] = ["--tid", "1"],
        ['s'] = ["--sid", "2"],
        ['c'] = ["--cid", "3"],
        ['l'] = ["--lun", "4"],
        ['n'] = ["--name", "N"],
        ['v'] = ["--value", "V"],
        ['b'] = ["--backing-store", "/b"],
        ['E'] = ["--bstype", "null"],
        ['f'] = ["--bsoflags", "sync"],
        ['S'] = ["--bsopts", "x"],
        ['y'] = ["--blocksize", "512"],
        ['T'] = ["--targetname", "tn"],
        ['I'] = ["--initiator-address", "ALL"],
        ['Q'] = ["--initiator-name", "in"],
        ['u'] = ["--user", "u"],
        ['p'] = ["--password", "p"],
        ['H'] = ["--host", "5"],
        ['F'] = ["--force"],
        ['P'] = ["--params", "a=b"],
        ['Y'] = ["--device-type", "cd"],
        ['O'] = ["--outgoing"],
        ['C'] = ["--control-port", "0"],
    };

    private static readonly Dictionary<(string Mode, string Operation), string> Needed = new()
    {
        [("system", "update")] = "nv",
        [("target", "new")] = "tT",
        [("target", "bind")] = "tI",
        [("target", "unbind")] = "tQ",
        [("target", "update")] = "tnv",
        [("logicalunit", "new")] = "tlb",
        [("logicalunit", "update")] = "tlP",
        [("portal", "new")] = "P",
        [("portal", "delete")] = "P",
        [("account", "new")] = "up",
        [("account", "delete")] = "u",
        [("account", "bind")] = "tu",
        [("account", "unbind")] = "tu",
    };

    [TestMethod]
    public async Task Tgtadm_EveryModeOperationAndOption_SaysAndSendsTheSame()
    {
        using Comparison comparison = new();
        foreach (string mode in Modes)
        {
            foreach (string operation in Operations.Where(operation => (mode, operation) != ("system", "delete")))
            {
                string[] start = ["--mode", mode, "--op", operation];
                string needed = Needed.GetValueOrDefault((mode, operation), mode switch { "target" => "t", "logicalunit" => "tl", _ => "" });
                await comparison.CompareAsync(start);
                await comparison.CompareAsync([.. start, .. Words(needed)]);
                foreach (char left in needed) await comparison.CompareAsync([.. start, .. Words(needed.Replace($"{left}", "", StringComparison.Ordinal))]);
                foreach (char more in Options.Keys.Where(letter => !needed.Contains(letter, StringComparison.Ordinal)))
                    await comparison.CompareAsync([.. start, .. Words(needed), .. Options[more]]);
            }
        }

        comparison.Check(atLeast: 1500);
    }

    [TestMethod]
    public async Task Tgtadm_RandomCommandLines_SaysAndSendsTheSame()
    {
        string[] numbers = ["0", "-1", "abc", "0x1f", "010", "08", "0x", "99999999999", "", "5 6", " 3", "+4", "18446744073709551615", "4294967295", "2147483648", "-2"];
        string[] types = ["disk", "cd", "tape", "ssc", "pt", "osd", "changer", "bogus"];
        string[] odd = ["extra", "--bogus", "-z", "--", "-F", "-O", "--init", "--force=1", "--help=1", "-t1", "-mtarget", "--pa=x", "--lun"];
        Random random = new(20261122);
        using Comparison comparison = new();
        for (int round = 0; round < 2000; round++)
        {
            string mode = Modes[random.Next(Modes.Length)];
            string operation = Operations[random.Next(Operations.Length)];
            if ((mode, operation) == ("system", "delete")) continue;
            HashSet<char> letters = random.Next(5) > 0 ? [.. Needed.GetValueOrDefault((mode, operation), "tl")] : [];
            for (int more = random.Next(3); more > 0; more--) _ = letters.Add(Options.Keys.ElementAt(random.Next(Options.Count)));
            List<string> line = random.Next(20) > 0 ? ["-m", mode] : [];
            if (random.Next(20) > 0) line.Add($"--op={operation}");
            foreach (char letter in letters.Where(letter => letter != 'C').OrderBy(_ => random.Next()))
            {
                string[] words = [.. Options[letter]];
                if ("tslcH".Contains(letter, StringComparison.Ordinal) && random.Next(3) == 0) words[1] = numbers[random.Next(numbers.Length)];
                if (letter == 'Y') words[1] = types[random.Next(types.Length)];
                line.AddRange(words);
            }

            if (random.Next(10) == 0) line.Insert(random.Next(line.Count + 1), odd[random.Next(odd.Length)]);
            await comparison.CompareAsync([.. line]);
        }

        comparison.Check(atLeast: 1500);
    }

    private static IEnumerable<string> Words(string letters) => letters.SelectMany(letter => Options[letter]);

    /// <summary>Runs both and collects where they differ.</summary>
    private sealed class Comparison : IDisposable
    {
        private readonly string _debian = TgtWorld.Executable(Maker.Debian, "tgtadm");
        private readonly AnsweringSocket _socket = new(new ManagementResponse(ManagementError.None, "answer\n").Encode());
        private readonly TempDirectory _directory = new();
        private readonly List<string> _differences = [];
        private int _compared;

        public async Task CompareAsync(string[] arguments)
        {
            _compared++;
            (string debian, ManagementRequest? sent) = await DebianAsync(arguments);
            (string ours, ManagementRequest? sentByUs) = Ours(arguments);

            // "name-without-value" of the list of differences: tgt sends the text "(null)".
            if (sent?.Body.Contains("=(null)", StringComparison.Ordinal) == true && sentByUs == null && ours.Contains("requires 'name' and 'value'", StringComparison.Ordinal))
                return;
            if (debian != ours || sent != sentByUs) _differences.Add($"{string.Join(' ', arguments)}\nDebian: {debian} {sent}\nours: {ours} {sentByUs}");
        }

        public void Check(int atLeast)
        {
            Assert.IsEmpty(_differences, string.Join("\n\n", _differences.Take(20)));
            Assert.IsGreaterThanOrEqualTo(atLeast, _compared);
        }

        public void Dispose()
        {
            _socket.Dispose();
            _directory.Dispose();
        }

        private (string Said, ManagementRequest? Sent) Ours(string[] arguments)
        {
            _socket.Requests.Clear();
            Captured captured = new();
            int status = AdminTool.Run(arguments, captured.Streams, _ => _socket.Path);
            return (IsHelp(captured.Output) ? "help" : $"{status} {captured.Output} {captured.Error}", _socket.Requests.SingleOrDefault());
        }

        private async Task<(string Said, ManagementRequest? Sent)> DebianAsync(string[] arguments)
        {
            _socket.Requests.Clear();

            // tgtadm adds the port to the name it is given.
            string name = _directory.File("s");
            if (!File.Exists(name + ".0")) _ = File.CreateSymbolicLink(name + ".0", _socket.Path);
            ProcessStartInfo start = new(_debian, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, Environment = { ["TGT_IPC_SOCKET"] = name } };
            using Process process = Process.Start(start)!;
            Task<string> output = process.StandardOutput.ReadToEndAsync();
            Task<string> error = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return (IsHelp(await output) ? "help" : $"{process.ExitCode} {await output} {(await error).Replace(TgtWorld.ProgramDirectory, "", StringComparison.Ordinal)}", _socket.Requests.SingleOrDefault());
        }

        /// <summary>The help text is ours: "help-texts" of the list of differences.</summary>
        private static bool IsHelp(string output) => output.Contains("Usage: tgtadm", StringComparison.Ordinal);
    }
}
