using System.Diagnostics;
using System.Runtime.InteropServices;

namespace TgtModular.PluginLoading.Tests;

/// <summary>Somebody outside this project: a directory of its own, the SDK, the tree's sdk folder, and none of this build's settings.</summary>
internal sealed class Outsider : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>Where the outsider works.</summary>
    public string Home { get; } = Directory.CreateTempSubdirectory("tgt-outsider-").FullName;

    /// <summary>Runs <c>dotnet</c> with these arguments.</summary>
    /// <returns>The exit status and all that was printed.</returns>
    public (int Status, string Output) Dotnet(params string[] arguments)
    {
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../dotnet"));
        var start = new ProcessStartInfo(dotnet, arguments) { WorkingDirectory = Home, RedirectStandardOutput = true };
        foreach (string name in start.Environment.Keys.Where(IsBuildSetting).ToArray()) start.Environment.Remove(name);
        start.Environment["DOTNET_CLI_HOME"] = Home;
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEndAsync().WaitAsync(Patience).GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    /// <summary>Builds the project of a directory against the tree's sdk folder.</summary>
    public (int Status, string Output) Build(string directory) =>
        Dotnet("build", directory, "-c", "Release", "--nologo", "-nodeReuse:false", "-v:q", $"-p:TgtSdk={Sandbox.Tree}sdk");

    public void Dispose() => Directory.Delete(Home, recursive: true);

    private static bool IsBuildSetting(string name) =>
        name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase) || name.StartsWith("DOTNET_HOST", StringComparison.Ordinal) || name == "CI";
}
