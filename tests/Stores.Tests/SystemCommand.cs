using System.ComponentModel;
using System.Diagnostics;

namespace TgtModular.Stores.Tests;

/// <summary>Runs a tool of the system that a test needs.</summary>
internal static class SystemCommand
{
    /// <summary>Runs it; false, with what it said, when it is missing or fails.</summary>
    public static bool TryRun(string tool, string[] arguments, out string output)
    {
        try
        {
            using Process process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            string problem = process.StandardError.ReadToEnd();
            output = process.StandardOutput.ReadToEnd().Trim();
            process.WaitForExit();
            if (process.ExitCode == 0) return true;
            output = $"{tool} {string.Join(' ', arguments)}: {problem.Trim()}";
            return false;
        }
        catch (Win32Exception missing)
        {
            output = $"{tool}: {missing.Message}";
            return false;
        }
    }

    /// <summary>Runs it, or fails the test.</summary>
    public static string Run(string tool, params string[] arguments) => TryRun(tool, arguments, out string output) ? output : throw new AssertFailedException(output);
}
