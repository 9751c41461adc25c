using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace TgtModular.Interop.Harness;

/// <summary>
/// A plugin of Assets built as somebody outside this repository does it: with the SDK folder of the runnable tree, in a directory of its
/// own. Each version is built once.
/// </summary>
internal static class OutsidePlugin
{
    public const string Name = "store-label";

    /// <summary>Whose reads end in every way there is.</summary>
    public const string Killer = "store-killer";

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);
    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Built = new(StringComparer.Ordinal);
    private static readonly Lazy<TempDirectory> BuildDirectory = new(() => new TempDirectory());

    /// <summary>Lays the folder of a version at a place, over what is there, as <c>cp -r</c> does.</summary>
    public static async Task DropInAsync(string version, string folder, string name = Name)
    {
        TargetDaemon.Require();
        string built = await Built.GetOrAdd($"{name} {version}", _ => new Lazy<Task<string>>(() => Task.Run(() => BuildAsync(name, version)))).Value;
        PrivateDirectory(folder);
        foreach (string file in Directory.EnumerateFiles(built))
        {
            // Written over in place, not replaced: a daemon that had loaded this very file would die of it.
            string destination = Path.Combine(folder, Path.GetFileName(file));
            await using FileStream source = File.OpenRead(file);
            await using FileStream target = new(destination, FileMode.Create, FileAccess.Write, FileShare.ReadWrite);
            await source.CopyToAsync(target);
            File.SetUnixFileMode(destination, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }

    /// <summary>A directory that only its owner can write, whatever the umask: others are refused.</summary>
    public static void PrivateDirectory(string path) =>
        _ = Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

    /// <summary>Removes what was built.</summary>
    public static void CleanUp()
    {
        if (BuildDirectory.IsValueCreated)
            BuildDirectory.Value.Dispose();
    }

    private static async Task<string> BuildAsync(string name, string version)
    {
        string project = BuildDirectory.Value.File($"{name}-{version}");
        PrivateDirectory(project);
        foreach (string file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Interop", "Assets", name)))
            File.Copy(file, Path.Combine(project, Path.GetFileName(file)));
        string dotnet = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", "..", "dotnet"));
        string sdk = Path.Combine(Repository.Tree, "sdk");
        ToolResult result = await Tool.RunAsync(
            dotnet,
            ["build", project, "-c", "Release", "--nologo", "-v", "q", "-nodeReuse:false", "-p:UseSharedCompilation=false", $"-p:TgtSdk={sdk}", $"-p:Version={version}"],
            Limit);
        if (result.Output.Contains("NU1301", StringComparison.Ordinal))
            Assert.Inconclusive($"the package source cannot be reached: {result.Output}");
        _ = result.MustSucceed();
        return Path.Combine(project, "bin", "Release", "net10.0", "plugin", name);
    }
}
