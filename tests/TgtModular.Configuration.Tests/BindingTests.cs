using TgtModular.Configuration.Tests.Doubles;
using TgtModular.Core.Configuration;
using TgtModular.Plugins;

namespace TgtModular.Configuration.Tests;

[TestClass]
public sealed class BindingTests
{
    private const string Whole = """
        state_directory = "/var/lib/tgt"
        plugin_directories = ["/usr/lib/tgt/plugins", "plugins"]

        [daemon]
        stop_timeout = "15s"
        worker_threads = 4
        buffer_memory = "64MiB"
        log_level = "debug"

        [transport.iscsi]
        listen = ["0.0.0.0:3260", "[::]:3260"]

        [store.slow]
        type = "fault"
        over = "db"
        delay = "200ms"
        ratio = 1

        [store.db]
        type = "file"
        path = "db.img"
        size = "20GiB"

        [unit.db]
        device = "sbc@1.2"
        store = "slow"
        serial = "DB0001"
        naa = "naa.60000000000000000000000000000001"
        block_length = 4096

        [[target]]
        iscsi.name = "IQN.2026-11.org.example:db"
        access = { addresses = ["10.0.0.0/8"], initiators = ["iqn.1993-08.org.debian:*"] }
        luns = [{ number = 1, unit = "db" }]
        """;

    [TestMethod]
    public void WholeFile_IsRight_BecomesTheDesiredState()
    {
        DesiredState state = Bound.State(Whole);
        Assert.AreEqual("/var/lib/tgt", state.StateDirectory);
        Assert.AreEqual<ValueList<string>>(["/usr/lib/tgt/plugins", "/etc/tgt/plugins"], state.PluginDirectories);
        Assert.AreEqual(new DaemonSpec { StopTimeout = TimeSpan.FromSeconds(15), WorkerThreads = 4, BufferMemory = 64 << 20, LogLevel = LogVerbosity.Debug },
            state.Daemon);
        CollectionAssert.AreEqual(new[] { "0.0.0.0:3260", "[::]:3260" }, state.Transports.Single().Options.GetTextList("listen").ToArray());
        Assert.AreEqual("db", state.Stores[0].Name, "the lower store comes first");
        Assert.AreEqual("/etc/tgt/db.img", state.Stores[0].Options.RequireText("path"));
        Assert.AreEqual(20L << 30, state.Stores[0].Options.GetInteger("size"));
        Assert.AreEqual(TimeSpan.FromMilliseconds(200), state.Stores[1].Options.GetDuration("delay"));
        Assert.AreEqual(1.0, state.Stores[1].Options.GetNumber("ratio"));
        UnitSpec unit = state.Units.Single();
        Assert.AreEqual(new PluginReference("sbc", "1.2"), unit.Device);
        Assert.AreEqual("slow", unit.Stores["store"]);
        Assert.AreEqual((UInt128)6 << 124 | 1, unit.Naa);
        Assert.AreEqual(4096, unit.Options.GetInteger("block_length"));
        TargetSpec target = state.Targets.Single();
        Assert.AreEqual("iqn.2026-11.org.example:db", target.Key);
        Assert.AreEqual("iqn.2026-11.org.example:db", target.Transports.Single().TargetName);
        Assert.AreEqual(new LunSpec(1, "db"), target.Luns.Single());
        Assert.IsTrue(target.Online);
    }

    [TestMethod]
    public void WholeFile_BoundTwice_IsEqual() => Assert.AreEqual(Bound.State(Whole).Targets, Bound.State(Whole).Targets);

    [TestMethod]
    public void WholeFile_OneOptionDiffers_IsNotEqual() =>
        Assert.AreNotEqual(Bound.State(Whole).Stores, Bound.State(Whole.Replace("20GiB", "21GiB", StringComparison.Ordinal)).Stores);

    [TestMethod]
    public void Preamble_RestIsWrong_IsReadAllTheSame()
    {
        ConfigurationDocument document =
            ConfigurationDocument.Parse("state_directory = \"state\"\nplugin_directories = [\"p\"]\n[store.x]\ntype = 5"u8, "/etc/tgt/tgt.toml");
        Assert.AreEqual("/etc/tgt/state", document.Preamble.StateDirectory);
        Assert.AreEqual<ValueList<string>>(["/etc/tgt/p"], document.Preamble.PluginDirectories);
    }

    [TestMethod]
    public void ManyFaults_OneFile_AreAllToldInOrder()
    {
        string[] problems = Bound.Problems("""
            state_dir = "/x"
            [transport.iscsi]
            listne = ["0.0.0.0:3260"]
            [store.db]
            type = "file"
            size = "20GiBs"
            [unit.db]
            device = "sbd"
            store = "dv"
            [[target]]
            iscsi.name = "db"
            access = { addresses = ["10.0.0.1/8"] }
            luns = [{ number = 1, unit = "bd" }, { number = 16384, unit = "db" }]
            """);
        CollectionAssert.AreEqual(
            new[]
            {
                "1:1: unknown key 'state_dir' in the file (there is daemon, plugin_directories, state_directory, store, target, transport, unit)",
                "3:1: unknown option 'listne' of transport 'iscsi' (did you mean 'listen'?)",
                "4:1: option 'path' of store 'db' (type 'file') is missing: The file.",
                "6:8: option 'size' of store 'db' (type 'file') wants a number of bytes, or text such as \"512\", \"64KiB\", \"20GiB\" or \"1TB\", not \"20GiBs\"",
                "8:10: there is no device type 'sbd' (did you mean 'sbc'?)",
                "11:14: 'db' is no target name of transport 'iscsi': an iSCSI name begins with iqn., eui. or naa.",
                "12:25: '10.0.0.1/8' has bits set behind its prefix; the network is 10.0.0.0/8",
                "13:30: LUN 1 names unit 'bd', which does not exist (did you mean 'db'?)",
                "13:49: 'number' of this LUN is 16384; 0 to 16383 is wanted",
            },
            problems,
            string.Join("\n", problems));
    }

    [TestMethod]
    public void SyntaxFault_IsToldWithItsPosition() => StringAssert.StartsWith(Bound.Problems("[store.db\n")[0], "1:", StringComparison.Ordinal);

    [TestMethod]
    [DataRow("[store.a]\ntype = \"file\"\npath = 5", "3:8: option 'path' of store 'a' (type 'file') wants a path, not an integer")]
    [DataRow("[store.a]\ntype = \"file\"\npath = \"x\"\nsize = 100", "4:8: option 'size' of store 'a' (type 'file') is too small; the least is 512")]
    [DataRow("[store.a]\ntype = \"file\"\npath = \"x\"\nqueue = 65", "4:9: option 'queue' of store 'a' (type 'file') is too large; the most is 64")]
    [DataRow("[store.a]\ntype = \"file\"\npath = \"x\"\ncache = \"drect\"", "4:9: option 'cache' of store 'a' (type 'file') is 'drect' (did you mean 'direct'?)")]
    [DataRow("[store.a]\ntype = \"file\"\npath = \"x\"\nread_only = \"yes\"", "4:13: option 'read_only' of store 'a' (type 'file') wants true or false, not \"yes\"")]
    [DataRow("[store.a]\ntype = \"file\"\npath = \"x\"\npassword = \"hunter2\"", "4:12: option 'password' of store 'a' (type 'file') wants a number of seconds, or text such as \"15s\", \"200ms\", \"5min\" or \"1h\", not a string")]
    [DataRow("[store.a]\ntype = \"file\"\npath = \"x\"\nover = \"a\"", "1:1: store 'a' is of type 'file', which is no filter: 'over' makes no sense\n1:1: store 'a' lies over itself: a")]
    [DataRow("[store.a]\ntype = \"fault\"", "1:1: store 'a' is of type 'fault', a filter: 'over' names 1 store, not 0")]
    [DataRow("[store.a]\ntype = \"fault\"\nover = \"b\"", "3:8: store 'a' names store 'b', which does not exist (there is a)")]
    [DataRow("[store.a]", "1:1: store 'a' has no 'type' (there is fault, file, memory)")]
    [DataRow("[store.a]\ntyp = \"file\"", "1:1: store 'a' has no 'type' (is 'typ' meant to be it?)")]
    [DataRow("[store.a]\ntype = \"fi le\"", "2:8: 'fi le' is no plugin's name: lower case letters, digits and hyphens, and perhaps a version, as in \"sbc@1.2\"")]
    [DataRow("[store.\"a b\"]\ntype = \"memory\"", "1:8: 'a b' is no name for a store: letters, digits, '.', '_' and '-' are wanted, 64 at most, a letter or digit first")]
    [DataRow("store = 5", "1:9: 'store' of the file wants a table, not an integer")]
    public void Store_IsWrong_IsRefused(string toml, string expected) => Bound.Refuses(toml, expected);

    [TestMethod]
    [DataRow("[unit.u]\ndevise = \"sbc\"", "1:1: unit 'u' has no 'device' (is 'devise' meant to be it?)")]
    [DataRow("[unit.u]\ndevice = \"sbc\"", "1:1: unit 'u' has no 'store', which device type 'sbc' needs")]
    [DataRow("[unit.u]\ndevice = \"osd\"\nstores = { data = \"s\", inde = \"s\" }\n[store.s]\ntype = \"memory\"\nshared = true", "3:24: device type 'osd' takes no store as 'inde' (did you mean 'index'?)")]
    [DataRow("[unit.u]\ndevice = \"osd\"\nstore = \"s\"\n[store.s]\ntype = \"memory\"", "3:1: device type 'osd' takes 2 stores: stores = { data = \"...\", index = \"...\" }")]
    [DataRow("[unit.u]\ndevice = \"scc\"\nstore = \"s\"\n[store.s]\ntype = \"memory\"", "3:1: unit 'u' is of device type 'scc', which takes no store")]
    [DataRow("[unit.u]\ndevice = \"scc\"\nvendor = \"NINECHARS\"", "3:10: 'vendor' of unit 'u' wants 1 to 8 printable ASCII characters")]
    [DataRow("[unit.u]\ndevice = \"scc\"\nnaa = \"5000\"", "3:7: 'naa' of unit 'u' wants 32 hexadecimal digits that begin with 6")]
    [DataRow("[unit.u]\ndevice = \"scc\"\nserail = \"1\"", "3:1: unknown option 'serail' of unit 'u' (device 'scc') (did you mean 'serial'?)")]
    public void Unit_IsWrong_IsRefused(string toml, string expected) => Bound.Refuses(toml, expected);

    [TestMethod]
    public void Store_WritableAndUsedTwice_IsRefused() => Bound.Refuses(
        """
        [store.s]
        type = "memory"
        [unit.a]
        device = "sbc"
        store = "s"
        [unit.b]
        device = "sbc"
        store = "s"
        """,
        "8:9: unit 'b' uses store 's', which belongs to unit 'a': two writers would destroy each other's data (set 'shared = true' on the store when they know of each other)");

    [TestMethod]
    [DataRow("type = \"memory\"\nshared = true")]
    [DataRow("type = \"file\"\npath = \"x\"\nread_only = true")]
    public void Store_SharedOrReadOnly_MayBeUsedTwice(string store) => Assert.HasCount(
        2, Bound.State($"[store.s]\n{store}\n[unit.a]\ndevice = \"sbc\"\nstore = \"s\"\n[unit.b]\ndevice = \"sbc\"\nstore = \"s\"").Units);

    [TestMethod]
    public void Options_TableListWithOneItem_IsTheList()
    {
        DesiredState state = Bound.State("[transport.iscsi]\nlisten = \"127.0.0.1:0\"");
        CollectionAssert.AreEqual(new[] { "127.0.0.1:0" }, state.Transports[0].Options.GetTextList("listen").ToArray());
    }

    [TestMethod]
    public void Transport_WithPluginKey_MayHaveItsOwnName()
    {
        DesiredState state = Bound.State("[transport.second]\nplugin = \"iscsi@1\"");
        Assert.AreEqual(new TransportSpec("second", new PluginReference("iscsi", "1"), OptionValues.Empty, ChapSpec.None),
            state.Transports[0] with { Options = OptionValues.Empty });
    }

    [TestMethod]
    [DataRow("[daemon]\nstop_timeout = \"2h\"", "2:16: 'stop_timeout' of [daemon] wants a number of seconds, or text such as \"15s\", \"200ms\", \"5min\" or \"1h\", at most 1h")]
    [DataRow("[daemon]\nworker_threads = 0", "2:18: 'worker_threads' of [daemon] is 0; 1 to 1024 is wanted")]
    [DataRow("[daemon]\nlog_level = \"loud\"", "2:13: 'log_level' of [daemon] is one of trace, debug, information, warning, error")]
    [DataRow("[daemon]\nlog_levle = \"debug\"", "2:1: unknown key 'log_levle' in [daemon] (did you mean 'log_level'?)")]
    [DataRow("[daemon]\nbuffer_memory = \"16MiB\"\nmax_transfer_length = \"16MiB\"", "1:1: 'max_transfer_length' is more than half of 'buffer_memory' (16MiB): no two commands would fit")]
    public void Daemon_IsWrong_IsRefused(string toml, string expected) => Bound.Refuses(toml, expected);

    [TestMethod]
    public void Load_NoSuchFile_IsOneProblem()
    {
        ConfigurationResult result = ConfigurationDocument.Load("/nowhere/tgt.toml").Bind(new FakeSchemas());
        Assert.AreEqual("/nowhere/tgt.toml: there is no such file", result.Problems.Single().ToString());
    }

    [TestMethod]
    public void Load_Directory_IsOneProblem() =>
        Assert.AreEqual("/: this is a directory; a file is wanted", ConfigurationDocument.Load("/").Bind(new FakeSchemas()).Problems.Single().ToString());
}
