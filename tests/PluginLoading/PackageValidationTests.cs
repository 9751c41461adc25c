using System.Reflection;
using TgtModular.Plugins;

namespace TgtModular.PluginLoading.Tests;

/// <summary>What was released stays: the contract's package is compared with the kept one each time it is packed, and its assembly version stands still.</summary>
[TestClass]
public sealed class PackageValidationTests
{
    private const string Contract = "core/TgtModular.Abstractions";
    private static readonly string[] Needed = ["Directory.Build.props", "Directory.Build.targets", "Directory.Packages.props", "BannedSymbols.txt", "LICENSE", "sdk/build", Contract];

    [TestMethod]
    [DataRow(null, null, null)]
    [DataRow("Scsi/Sense.cs", "public static SenseData CommandSequenceError", "CP0002")]
    [DataRow("Storage/IBackingStore.cs", "long Length { get; }", "CP0006")]
    [DataRow("Devices/ILogicalUnit.cs", "public interface IMediumCreator", "CP0001")]
    public void Contract_PackedWithAMemberTakenOrAdded_IsRefusedByItsRule(string? file, string? member, string? rule)
    {
        using Outsider outsider = new();
        CopyTo(outsider.Home);
        if (file is not null)
            Change(Path.Combine(outsider.Home, Contract, file), member!, rule!);

        (int status, string output) = outsider.Dotnet("pack", Contract, "-c", "Release", "--nologo", "-nodeReuse:false", "-v:q", "-p:WarningLevel=0", "-p:TreatWarningsAsErrors=false");

        Assert.AreEqual(rule is null, status == 0, output);
        if (rule is not null) Assert.Contains(rule, output);
    }

    [TestMethod]
    [DataRow("0.1", "0.1.0", "0.1.0.0")]
    [DataRow("0.1", "0.1.9", "0.1.0.0")]
    [DataRow("0.2", "0.2.1", "0.2.0.0")]
    [DataRow("1.0", "1.0.3", "1.0.0.0")]
    [DataRow("1.7", "1.7.0", "1.0.0.0")]
    public void AssemblyVersion_OfLaterReleases_StandsStillAsLongAsTheyAreCompatible(string contract, string version, string expected)
    {
        using Outsider outsider = new();
        (int status, string output) = outsider.Dotnet(
            "msbuild", Path.Combine(Sandbox.Repository, Contract), "-nodeReuse:false", "-getProperty:AssemblyVersion", $"-p:TgtContractVersion={contract}", $"-p:Version={version}");
        Assert.AreEqual(0, status, output);
        Assert.AreEqual(expected, output.Trim());
    }

    [TestMethod]
    public void AssemblyVersion_OfTheContractLoadedHere_IsThatOfItsContract()
    {
        string contract = Sandbox.Metadata("ContractVersion");
        AssemblyName loaded = typeof(IPluginHost).Assembly.GetName();
        Assert.AreEqual(contract.StartsWith("0.", StringComparison.Ordinal) ? $"{contract}.0.0" : $"{contract.Split('.')[0]}.0.0.0", loaded.Version!.ToString());
    }

    /// <summary>The contract's project as it is, with what its build reads and the package that was kept.</summary>
    private static void CopyTo(string home)
    {
        foreach (string needed in Needed.Append($"tests/PluginLoading/Kept/{Sandbox.Metadata("ContractVersion")}/packages"))
        {
            string source = Path.Combine(Sandbox.Repository, needed);
            string[] files = File.Exists(source) ? [source] : Directory.GetFiles(source, "*", SearchOption.AllDirectories);
            foreach (string file in files.Where(file => !IsBuilt(file)))
            {
                string target = Path.Combine(home, Path.GetRelativePath(Sandbox.Repository, file));
                Directory.CreateDirectory(Path.GetDirectoryName(target)!);
                File.Copy(file, target);
            }
        }
    }

    private static bool IsBuilt(string file) =>
        Path.GetRelativePath(Sandbox.Repository, file).Split(Path.DirectorySeparatorChar) is var parts && (parts.Contains("obj") || parts.Contains("bin"));

    /// <summary>Hides a member, or adds one that every plugin would have to have; never so that the contract itself does not compile.</summary>
    private static void Change(string file, string member, string rule)
    {
        string text = File.ReadAllText(file);
        Assert.Contains(member, text);
        string changed = rule == "CP0006"
            ? $"{member}\n\n    /// <summary>New.</summary>\n    long Seeded {{ get; }}"
            : member.Replace("public ", "internal ", StringComparison.Ordinal);
        File.WriteAllText(file, text.Replace(member, changed, StringComparison.Ordinal));
    }
}
