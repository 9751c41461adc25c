using System.Text.RegularExpressions;
using TgtModular.Interop.Harness;

namespace TgtModular.Interop.Conformance;

/// <summary>How one test of the tool ended.</summary>
/// <param name="Result">pass, fail or skip.</param>
/// <param name="Reason">The tool's words for a failure or skip.</param>
/// <param name="Output">All it printed.</param>
internal sealed record ToolOutcome(string Result, string Reason, string Output);

/// <summary>libiscsi's conformance tool; each test in a process of its own, as one may end it or leave hooks armed that spoil the next.</summary>
internal sealed partial class IscsiTestCu
{
    public const string Pass = "pass";
    public const string Fail = "fail";
    public const string Skip = "skip";

    private const string Package = "libiscsi-bin";

    /// <summary>The longest, which waits for an abort, takes 6 s where that never comes.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private const int EndedBySignal = 128;
    private readonly string _path = Tool.Require("iscsi-test-cu", Package);

    /// <summary>Names of all its tests, <c>Family.Test</c>, in its order.</summary>
    public async Task<IReadOnlyList<string>> ListAsync()
    {
        string output = (await Tool.RunAsync(_path, ["--list"], Limit)).Output;
        return [.. TestName().Matches(output).Select(match => match.Groups[1].Value)];
    }

    public async Task<ToolOutcome> RunAsync(string test, IEnumerable<string> urls)
    {
        (ToolResult result, bool inTime) = await Tool.RunForAsync(_path, ["--dataloss", "--allow-sanitize", "-v", "-V", "-t", $"ALL.{test}", .. urls], Limit);
        string output = $"{result.Command}\n{result.Output}\n";
        if (!inTime) return new ToolOutcome(Fail, $"not done after {Limit.TotalSeconds} s", output);
        if (result.ExitCode >= EndedBySignal) return new ToolOutcome(Fail, $"the tool was ended by signal {result.ExitCode - EndedBySignal}", output);
        Match counts = Asserts().Match(result.Output);
        if (!counts.Success) return new ToolOutcome(Fail, "the tool did not run the test", output);
        if (counts.Groups[1].Value != "0" || result.ExitCode != 0) return new ToolOutcome(Fail, FirstOf(FailedAssert(), result.Output), output);
        // CUnit counts a skipped test as passed.
        return result.Output.Contains("[SKIPPED]", StringComparison.Ordinal)
            ? new ToolOutcome(Skip, FirstOf(Skipped(), result.Output), output)
            : new ToolOutcome(Pass, "", output);
    }

    private static string FirstOf(Regex expression, string output) => expression.Match(output).Groups[1].Value.Trim();

    [GeneratedRegex(@"^ALL\.([^.\s]+\.[^.\s]+)\s*$", RegexOptions.Multiline)]
    private static partial Regex TestName();

    /// <summary>CUnit's summary: how many there are, ran, passed, failed.</summary>
    [GeneratedRegex(@"^\s*asserts\s+\d+\s+\d+\s+\d+\s+(\d+)", RegexOptions.Multiline)]
    private static partial Regex Asserts();

    [GeneratedRegex(@"^\s+1\. (\S.*)$", RegexOptions.Multiline)]
    private static partial Regex FailedAssert();

    [GeneratedRegex(@"\[SKIPPED\]\s*(.*)$", RegexOptions.Multiline)]
    private static partial Regex Skipped();
}
