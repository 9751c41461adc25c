using System.Diagnostics;

namespace TgtModular.Interop.Harness;

/// <summary>How a program ended.</summary>
/// <param name="Command">As typed.</param>
/// <param name="ExitCode">Its exit status.</param>
/// <param name="Output">Standard output and standard error, line by line as they came.</param>
internal sealed record ToolResult(string Command, int ExitCode, string Output)
{
    /// <summary>The output, once the exit status is found to be 0.</summary>
    public string MustSucceed()
    {
        Assert.AreEqual(0, ExitCode, $"{Command}\n{Output}");
        return Output;
    }
}

/// <summary>Runs programs of the system as a user would type them.</summary>
internal static class Tool
{
    private static readonly string[] SearchedDirectories = ["/usr/bin", "/usr/sbin", "/bin", "/sbin", "/usr/local/bin"];

    /// <summary>Full path of a program; ends the test as inconclusive if it is not installed.</summary>
    public static string Require(string name, string package)
    {
        string? path = SearchedDirectories.Select(directory => Path.Combine(directory, name)).FirstOrDefault(File.Exists);
        if (path == null)
            Assert.Inconclusive($"{name} is not installed (Debian package {package})");
        return path!;
    }

    /// <summary>Runs a program to its end. After <paramref name="limit"/> it is killed with all its children, and the test fails.</summary>
    public static async Task<ToolResult> RunAsync(string program, IEnumerable<string> arguments, TimeSpan limit)
    {
        (ToolResult result, bool inTime) = await RunForAsync(program, arguments, limit);
        Assert.IsTrue(inTime, $"not done after {limit.TotalSeconds} s: {result.Command}\n{result.Output}");
        return result;
    }

    /// <summary>Runs a program to its end, or kills it with all its children after <paramref name="limit"/>: then it was not in time.</summary>
    public static async Task<(ToolResult Result, bool InTime)> RunForAsync(string program, IEnumerable<string> arguments, TimeSpan limit)
    {
        ProcessStartInfo start = new(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        string command = $"{Path.GetFileName(program)} {string.Join(' ', start.ArgumentList)}";
        using Process process = new() { StartInfo = start };
        LineLog log = new();
        process.OutputDataReceived += (_, line) => log.Add(line.Data);
        process.ErrorDataReceived += (_, line) => log.Add(line.Data);
        Assert.IsTrue(process.Start(), command);
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        bool inTime = true;
        using (CancellationTokenSource over = new(limit))
        {
            try
            {
                await process.WaitForExitAsync(over.Token);
            }
            catch (OperationCanceledException)
            {
                inTime = false;
                process.Kill(entireProcessTree: true);
                await process.WaitForExitAsync(CancellationToken.None);
            }
        }

        return (new ToolResult(command, process.ExitCode, string.Join('\n', log.Lines)), inTime);
    }
}
