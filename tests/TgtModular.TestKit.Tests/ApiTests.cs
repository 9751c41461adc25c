using System.Reflection;
using TgtModular.Scsi.Primary;
using TgtModular.Testing;

namespace TgtModular.TestKit.Tests;

/// <summary>
/// The public surface of each package is frozen by a golden file: who changes it sees what others would. A new surface is taken over by running these tests with
/// TGT_WRITE_GOLDEN=1; below 1.0 a breaking change of Abstractions also raises the minor contract version.
/// </summary>
[TestClass]
public sealed class ApiTests
{
    [TestMethod]
    public void Abstractions_PublicSurface_IsAsFrozen() => Compare(typeof(Plugins.Contract).Assembly);

    [TestMethod]
    public void ScsiPrimary_PublicSurface_IsAsFrozen() => Compare(typeof(StandardInquiry).Assembly);

    [TestMethod]
    public void TestKit_PublicSurface_IsAsFrozen() => Compare(typeof(TestHost).Assembly);

    [TestMethod]
    public void TestingTarget_PublicSurface_IsAsFrozen() => Compare(typeof(ScsiTarget).Assembly);

    private static void Compare(Assembly assembly)
    {
        string folder = typeof(ApiTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(attribute => attribute.Key == "Golden").Value!;
        string file = Path.Combine(folder, assembly.GetName().Name + ".txt");
        string[] now = [.. ApiText.Of(assembly)];
        if (Environment.GetEnvironmentVariable("TGT_WRITE_GOLDEN") == "1") File.WriteAllLines(file, now);
        string[] frozen = File.ReadAllLines(file);
        string[] differences = [.. frozen.Except(now).Select(line => "- " + line), .. now.Except(frozen).Select(line => "+ " + line)];
        Assert.IsEmpty(differences, $"the public surface of {assembly.GetName().Name} is not that of {file}:\n{string.Join("\n", differences)}\n");
    }
}
