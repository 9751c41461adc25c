using TgtModular.Configuration.Tests.Doubles;
using TgtModular.Core.Configuration;

namespace TgtModular.Configuration.Tests;

[TestClass]
public sealed class TargetBindingTests
{
    private const string Head = "[transport.iscsi]\n[unit.c]\ndevice = \"scc\"\n[unit.d]\ndevice = \"scc\"\n[[target]]\n";
    private const string Open = "access = { addresses = [\"all\"] }\n";

    [TestMethod]
    [DataRow("iscsi.name = \"iqn.x\"\nluns = [{ number = 1, unit = \"c\" }, { number = 1, unit = \"d\" }]", "9:37: LUN 1 comes twice: it is unit 'c' already (entries with one number need different 'initiators', the one for all last)")]
    [DataRow("iscsi.name = \"iqn.x\"\nluns = [{ number = 1, unit = \"c\" }, { number = 1, unit = \"d\", initiators = [\"a\"] }]", "9:37: LUN 1 comes twice: it is unit 'c' already (entries with one number need different 'initiators', the one for all last)")]
    [DataRow("iscsi.name = \"iqn.x\"\nluns = [{ unit = \"c\" }]", "9:9: this LUN has no 'number'")]
    [DataRow("iscsi.name = \"iqn.x\"\nluns = [{ number = 1, unit = \"c\", lun = 2 }]", "9:35: unknown key 'lun' in this LUN (there is initiators, number, unit)")]
    [DataRow("iscsi.name = \"iqn.x\"\nluns = 4", "9:8: 'luns' of this target wants { number = 1, unit = \"...\" }, not an integer")]
    [DataRow("iscsi.name = 5", "8:14: option 'name' of target in transport 'iscsi' wants a string, not an integer")]
    [DataRow("iscsi.max_burst_length = 512", "8:1: option 'name' of target in transport 'iscsi' is missing: The target's name.")]
    [DataRow("iscsi.name = \"iqn.x\"\niscsi.max_burst = 512", "9:7: unknown option 'max_burst' of target in transport 'iscsi' (there is max_burst_length, name)")]
    [DataRow("iscis.name = \"iqn.x\"", "8:1: this target names transport 'iscis', which does not exist (did you mean 'iscsi'?)")]
    [DataRow("iser.name = \"iqn.x\"", "8:1: this target names transport 'iser', which does not exist: add a table [transport.iser]")]
    [DataRow("", "6:1: this target has a name in no transport: iscsi.name = \"...\" is wanted")]
    [DataRow("iscsi.name = \"iqn.x\"\nlunz = []", "9:1: unknown key 'lunz' in this target (did you mean 'luns'?)")]
    [DataRow("iscsi.name = \"iqn.x\"\n[[target]]\niscsi.name = \"IQN.X\"", "10:14: 'iqn.x' is the name of another target too, at line 8\n9:1: there is another target 'iqn.x' at line 6")]
    public void Target_IsWrong_IsRefused(string toml, string expected)
    {
        string[] errors = [.. Bound.Problems(Head + Open + toml).Where(problem =>
            !problem.Contains(": warning: ", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
        Assert.AreEqual(expected, string.Join("\n", errors));
    }

    [TestMethod]
    [DataRow("access = \"all\"", "7:10: 'access' of target 'iqn.x' wants { addresses = [\"10.0.0.0/8\"], initiators = [\"iqn.*\"] }, or a list of such rules, not a string")]
    [DataRow("access = {}", "7:10: 'access' of target 'iqn.x' names neither 'addresses' nor 'initiators': it lets nobody in")]
    [DataRow("access = { addresses = [\"10.0.0.0/33\"] }", "7:25: '10.0.0.0/33' is not a network: behind the slash stands a number of bits, 0 to 32")]
    [DataRow("access = { adresses = [\"all\"] }", "7:10: 'access' of target 'iqn.x' names neither 'addresses' nor 'initiators': it lets nobody in\n7:12: unknown key 'adresses' in 'access' of target 'iqn.x' (did you mean 'addresses'?)")]
    [DataRow("access = { initiators = [\"\"] }", "7:26: a pattern of initiator names is empty")]
    public void Access_IsWrong_IsRefused(string toml, string expected) => Bound.Refuses($"{Head}{toml}\niscsi.name = \"iqn.x\"", expected);

    [TestMethod]
    public void Access_IsMissing_IsAWarning()
    {
        ConfigurationResult result = Bound.Bind(Head + "iscsi.name = \"iqn.x\"");
        Assert.IsNotNull(result.State);
        Assert.AreEqual(AccessRules.Nobody, result.State.Targets[0].Access);
        StringAssert.Contains(result.Problems.Single().ToString(), "6:1: warning: target 'iqn.x' has no 'access'", StringComparison.Ordinal);
    }

    [TestMethod]
    public void Luns_OneNumberForDifferentInitiators_AreKept()
    {
        DesiredState state = Bound.State(
            Head + Open + "iscsi.name = \"iqn.x\"\nluns = [{ number = 1, unit = \"c\", initiators = [\"a\"] }, { number = 1, unit = \"d\" }]");
        Assert.HasCount(2, state.Targets[0].Luns);
    }

    [TestMethod]
    public void Target_WithName_IsKeyedByIt() => Assert.AreEqual("db", Bound.State(Head + Open + "iscsi.name = \"iqn.x\"\nname = \"db\"").Targets[0].Key);

    [TestMethod]
    public void Chap_SecretFiles_AreReadWithoutTheirNewline()
    {
        using var files = new TemporaryFiles();
        files.Write("in", "secret-of-twelve\n", UnixFileMode.UserRead);
        files.Write("out", "another-of-twelve\r\n", UnixFileMode.UserRead | UnixFileMode.GroupRead);
        ConfigurationResult result = Bound.Bind(
            Head + Open + "iscsi.name = \"iqn.x\"\nchap = [{ user = \"u\", secret_file = \"in\" }]\nchap_outgoing = { user = \"t\", secret_file = \"out\" }",
            files.Path("tgt.toml"));
        ChapSpec chap = result.State!.Targets[0].Chap;
        Assert.AreEqual(new ChapAccountSpec("u", new Secret("secret-of-twelve"u8), files.Path("in")), chap.Incoming.Single());
        Assert.AreEqual(new ChapAccountSpec("t", new Secret("another-of-twelve"u8), files.Path("out")), chap.Outgoing);
        Assert.IsEmpty(result.Problems);
        Assert.IsFalse(chap.ToString().Contains("twelve", StringComparison.Ordinal), "a secret is never printed");
    }

    [TestMethod]
    [DataRow("open", "secret-of-twelve", "secret file 'FILE' can be read or written by everyone: chmod 600 it")]
    [DataRow("empty", "\n", "secret file 'FILE' is empty")]
    [DataRow("missing", null, "secret file 'FILE' cannot be read: there is no such file")]
    public void Chap_SecretFileIsBad_IsRefused(string name, string? content, string expected)
    {
        using var files = new TemporaryFiles();
        if (content is not null) files.Write(name, content, name == "open" ? UnixFileMode.UserRead | UnixFileMode.OtherRead : UnixFileMode.UserRead);
        string path = files.Path("tgt.toml");
        string[] problems = Bound.Problems($"{Head}{Open}iscsi.name = \"iqn.x\"\nchap = [{{ user = \"u\", secret_file = \"{name}\" }}]", path);
        Assert.AreEqual("9:37: " + expected.Replace("FILE", files.Path(name), StringComparison.Ordinal), problems.Single());
    }

    [TestMethod]
    public void Chap_SecretIsShort_IsAWarning()
    {
        using var files = new TemporaryFiles();
        files.Write("s", "short", UnixFileMode.UserRead);
        ConfigurationResult result = Bound.Bind(Head + Open + "iscsi.name = \"iqn.x\"\nchap = [{ user = \"u\", secret_file = \"s\" }]", files.Path("tgt.toml"));
        Assert.IsNotNull(result.State);
        Assert.IsTrue(result.Problems.Single().IsWarning);
    }

    [TestMethod]
    public void Chap_OneSecretForBothDirections_IsRefused()
    {
        using var files = new TemporaryFiles();
        files.Write("s", "secret-of-twelve", UnixFileMode.UserRead);
        const string Accounts = "chap = [{ user = \"u\", secret_file = \"s\" }]\nchap_outgoing = { user = \"t\", secret_file = \"s\" }";
        ConfigurationResult result = Bound.Bind($"{Head}{Open}iscsi.name = \"iqn.x\"\n{Accounts}", files.Path("tgt.toml"));
        Assert.IsNull(result.State);
        StringAssert.Contains(result.Problems.Single().Message, "RFC 7143 section 12.1.3", StringComparison.Ordinal);
    }
}
