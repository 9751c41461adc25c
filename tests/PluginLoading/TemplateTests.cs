using System.Diagnostics;
using System.Text.RegularExpressions;

namespace TgtModular.PluginLoading.Tests;

/// <summary>The packages, and what <c>dotnet new</c> makes of them outside the repository: <c>tests/outsider</c>.</summary>
[TestClass]
public sealed partial class TemplateTests
{
    private const int ToolsMissing = 77;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly string Packages = Directory.CreateTempSubdirectory("tgt-packages-").FullName;

    [ClassInitialize]
    public static void Pack(TestContext context)
    {
        _ = context;
        (int status, string output) = Run("sdk/pack", "--no-build", "--output", Packages);
        Assert.AreEqual(0, status, output);
    }

    [ClassCleanup]
    public static void Remove() => Directory.Delete(Packages, recursive: true);

    [TestMethod]
    [DataRow("store")]
    [DataRow("device-type")]
    [DataRow("transport")]
    [DataRow("device-zoned")]
    public void TemplateOrSample_ByAnOutsider_IsBuiltTestedRunAndDroppedIn(string kind)
    {
        (int status, string output) = Run("tests/outsider", "--packages", Packages, kind);

        if (status == ToolsMissing) Assert.Inconclusive(output);
        if (output.Contains("NU1301", StringComparison.Ordinal)) Assert.Inconclusive("the package source cannot be reached: " + output);
        Assert.AreEqual(0, status, output);
    }

    /// <summary>Versions that templates name stand in text that no build reads.</summary>
    [TestMethod]
    public void TemplatesAndSamples_Versions_AreThoseOfTheRepository()
    {
        string central = File.ReadAllText(Path.Combine(Sandbox.Repository, "Directory.Packages.props"));
        string version = OwnVersion.Match(File.ReadAllText(Path.Combine(Sandbox.Repository, "Directory.Build.props"))).Groups[1].Value;
        string templates = Path.Combine(Sandbox.Repository, "templates");
        string samples = Path.Combine(Sandbox.Repository, "sdk/docs/samples");
        foreach (string project in Directory.GetFiles(templates, "*.csproj", SearchOption.AllDirectories).Concat(Directory.GetFiles(samples, "*.csproj", SearchOption.AllDirectories)))
        {
            string own = project.StartsWith(templates, StringComparison.Ordinal) ? "TGT-VERSION" : version;
            foreach (Match reference in PackageReference.Matches(File.ReadAllText(project)))
            {
                (string name, string stated) = (reference.Groups[1].Value, reference.Groups[2].Value);
                if (name.StartsWith("TgtModular.", StringComparison.Ordinal)) Assert.AreEqual(own, stated, project);
                else Assert.Contains($"\"{name}\" Version=\"{stated}\"", central, project);
            }
        }

        foreach (string template in Directory.GetFiles(templates, "template.json", SearchOption.AllDirectories))
            Assert.Contains($"\"defaultValue\": \"{version}\",\n      \"replaces\": \"TGT-VERSION\"", File.ReadAllText(template), template);
    }

    private static (int Status, string Output) Run(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Sandbox.Repository, script), arguments)
        {
            WorkingDirectory = Path.GetTempPath(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(Patience);
        using CancellationTokenRegistration late = patience.Token.Register(() => process.Kill(entireProcessTree: true));
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd() + errors.GetAwaiter().GetResult();
        process.WaitForExit();
        return (process.ExitCode, patience.IsCancellationRequested ? $"took longer than {Patience}: {output}" : output);
    }

    [GeneratedRegex("<PackageReference Include=\"([^\"]+)\" Version=\"([^\"]+)\"")]
    private static partial Regex PackageReference { get; }

    [GeneratedRegex("<Version>([^<]+)</Version>")]
    private static partial Regex OwnVersion { get; }
}
