using System.Text;
using TgtModular.Core.Plugins;

namespace TgtModular.PluginLoading.Tests;

[TestClass]
public sealed class ManifestTests
{
    private const string Good = """
        manifest = 1
        name = "store-x"
        version = "1.2.3"
        contract = { minimum = "0.1", below = "0.2" }
        concurrency = "per-instance"
        license = "MIT"
        assembly = "X.dll"
        exports = [{ kind = "store", name = "x" }]

        [[file]]
        path = "X.dll"
        sha256 = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
        """;

    [TestMethod]
    public void Read_Good_GivesAllOfIt()
    {
        PluginManifest manifest = PluginManifestReader.Read(Encoding.UTF8.GetBytes(Good), "plugin.toml", out IReadOnlyList<string> errors)!;

        Assert.IsEmpty(errors);
        Assert.AreEqual("store-x", manifest.Name);
        Assert.AreEqual(PluginConcurrency.PerInstance, manifest.Concurrency);
        Assert.AreEqual("0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF", manifest.Files.Single().Hash);
    }

    [TestMethod]
    [DataRow("manifest = 1", "manifest = 2", "1:12: this manifest has format 2; this host reads format 1: it needs a newer host")]
    [DataRow("manifest = 1", "", "'manifest = 1' is missing")]
    [DataRow("name = \"store-x\"", "name = \"Store X\"", "2:8: 'Store X' is not a name")]
    [DataRow("name = \"store-x\"", "name = 7", "2:8: 'name' is a string, not an integer")]
    [DataRow("version = \"1.2.3\"", "version = \"1.2\"", "3:11: '1.2' is not a version")]
    [DataRow("minimum = \"0.1\"", "minimum = \"0.1.2\"", "4:24: '0.1.2' is not a contract version")]
    [DataRow("minimum = \"0.1\", ", "", "4:12: 'minimum' is missing")]
    [DataRow("concurrency = \"per-instance\"", "concurrency = \"some\"", "5:15: 'some' is none of serial, per-instance, parallel")]
    [DataRow("license", "licence", "6:1: there is no key 'licence' here (did you mean 'license'?)")]
    [DataRow("assembly = \"X.dll\"", "assembly = \"Y.dll\"", "7:12: 'Y.dll' is not among the files")]
    [DataRow("kind = \"store\"", "kind = \"disk\"", "8:21: 'disk' is none of store, device, transport")]
    [DataRow("exports = [{ kind = \"store\", name = \"x\" }]", "exports = []", "8:11: 'exports' is empty")]
    [DataRow("exports = [{ kind = \"store\", name = \"x\" }]", "exports = [1]", "8:12: 'exports' is a list of tables; this is an integer")]
    [DataRow("[{ kind", "[{ kind = \"store\", name = \"x\" }, { kind", "store/x stands here twice")]
    [DataRow("path = \"X.dll\"", "path = \"../X.dll\"", "11:8: '../X.dll' does not name a file below the plugin's folder")]
    [DataRow("path = \"X.dll\"", "path = \"/etc/passwd\"", "'/etc/passwd' does not name a file")]
    [DataRow("path = \"X.dll\"", "path = \"a//X.dll\"", "'a//X.dll' does not name a file")]
    [DataRow("path = \"X.dll\"", "path = \"X.dll\\u0000\"", "has control characters")]
    [DataRow("sha256 = \"0123", "sha256 = \"0", "12:10: a SHA-256 hash of 64 hexadecimal digits is wanted")]
    [DataRow("manifest = 1", "manifest = 1 1", "1:14:")]
    public void Read_Bad_TellsWhereAndWhat(string old, string replacement, string error)
    {
        string text = Good.Replace(old, replacement, StringComparison.Ordinal);
        Assert.AreNotEqual(Good, text);

        PluginManifest? manifest = PluginManifestReader.Read(Encoding.UTF8.GetBytes(text), "plugin.toml", out IReadOnlyList<string> errors);

        Assert.IsNull(manifest);
        Assert.Contains(error, string.Join('\n', errors));
        Assert.StartsWith("plugin.toml:", errors[0]);
    }

    [TestMethod]
    public void Read_SeveralFaults_ToldInOneGo()
    {
        string text = Good.Replace("1.2.3", "x", StringComparison.Ordinal).Replace("per-instance", "x", StringComparison.Ordinal);

        PluginManifestReader.Read(Encoding.UTF8.GetBytes(text), "plugin.toml", out IReadOnlyList<string> errors);

        Assert.HasCount(2, errors);
    }

    [TestMethod]
    public void Read_MutatedBytes_NeverThrows()
    {
        var random = new Random(20260711);
        byte[] good = Encoding.UTF8.GetBytes(Good);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] text = [.. good];
            for (int change = random.Next(1, 4); change > 0; change--) text[random.Next(text.Length)] = (byte)random.Next(256);
            PluginManifest? manifest = PluginManifestReader.Read(text, "plugin.toml", out IReadOnlyList<string> errors);
            Assert.AreEqual(manifest is null, errors.Count > 0);
        }
    }
}
