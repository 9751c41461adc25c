using System.Diagnostics;
using System.Reflection;
using System.Runtime.InteropServices;

namespace TgtModular.TestKit;

/// <summary>A process of its own for what a test process must not suffer (to be killed) or would blur (to count what leaks).</summary>
internal sealed class ChildProcess : IDisposable
{
    private const string SuiteVariable = "TGT_TESTKIT_SUITE";
    private const string JobVariable = "TGT_TESTKIT_JOB";
    private const string ArgumentVariable = "TGT_TESTKIT_ARGUMENT";

    private readonly Process _process;
    private readonly string _temporary = Directory.CreateTempSubdirectory("tgt-testkit-").FullName;

    private ChildProcess(Type suite, string job, string argument)
    {
        ProcessStartInfo start = new(Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet")))
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList = { "exec", suite.Assembly.Location },
        };
        start.Environment["DOTNET_STARTUP_HOOKS"] = typeof(ChildProcess).Assembly.Location;
        start.Environment["TMPDIR"] = _temporary; // what a killed process leaves is removed with it
        start.Environment[SuiteVariable] = suite.AssemblyQualifiedName;
        start.Environment[JobVariable] = job;
        start.Environment[ArgumentVariable] = argument;
        _process = Process.Start(start)!;
    }

    /// <summary>Lines that the job writes.</summary>
    public StreamReader Output => _process.StandardOutput;

    /// <summary>Says why no child can be started here; null when it can.</summary>
    public static string? WhyNotHere(Type suite)
    {
        if (!OperatingSystem.IsLinux()) return "processes are killed and counted by Linux' means";
        string configuration = Path.ChangeExtension(suite.Assembly.Location, ".runtimeconfig.json");
        return File.Exists(configuration) ? null : $"there is no {configuration}: the test assembly cannot be run as a process";
    }

    /// <summary>Starts a job of a suite.</summary>
    public static ChildProcess Start(object suite, string job, string argument = "") => new(suite.GetType(), job, argument);

    /// <summary>SIGKILL.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Waits for its end; its output and errors.</summary>
    public async Task<(int Status, string Output, string Errors)> EndAsync()
    {
        Task<string> errors = _process.StandardError.ReadToEndAsync();
        string output = await _process.StandardOutput.ReadToEndAsync();
        await _process.WaitForExitAsync();
        return (_process.ExitCode, output, await errors);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_temporary, recursive: true);
    }

    /// <summary>The child's side.</summary>
    internal static void RunJob()
    {
        if (Environment.GetEnvironmentVariable(SuiteVariable) is not { } name) return;
        var suite = (BlockStoreConformance)Activator.CreateInstance(Type.GetType(name, throwOnError: true)!)!;
        string argument = Environment.GetEnvironmentVariable(ArgumentVariable)!;
        Task job = Environment.GetEnvironmentVariable(JobVariable) == StoreJobs.Write ? StoreJobs.WriteAsync(suite, argument) : StoreJobs.OpenAndCloseAsync(suite);
        job.GetAwaiter().GetResult();
        CleanUpAsync(suite).GetAwaiter().GetResult();
    }

    private static async Task CleanUpAsync(object suite)
    {
        foreach (MethodInfo method in suite.GetType().GetMethods().Where(method => method.IsDefined(typeof(TestCleanupAttribute))))
        {
            if (method.Invoke(suite, []) is Task running) await running;
        }

        (suite as IDisposable)?.Dispose();
    }
}
