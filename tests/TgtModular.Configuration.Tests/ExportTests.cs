using TgtModular.Configuration.Tests.Doubles;
using TgtModular.Core.Configuration;

namespace TgtModular.Configuration.Tests;

[TestClass]
public sealed class ExportTests
{
    [TestMethod]
    public void Export_ReadBack_IsTheSameState()
    {
        using var files = new TemporaryFiles();
        files.Write("s", "secret-of-twelve", UnixFileMode.UserRead);
        files.Write("t", "another-of-twelve", UnixFileMode.UserRead);
        const string Toml = """
            state_directory = "/var/lib/tgt"
            plugin_directories = ["/a", "/b"]
            [daemon]
            stop_timeout = "1500ms"
            worker_threads = 3
            buffer_memory = "32MiB"
            max_transfer_length = "1MiB"
            max_commands = 5
            log_level = "warning"
            watch_plugins = false
            control_socket = "/run/x.sock"
            [transport.iscsi]
            listen = ["127.0.0.1:3260"]
            discovery_chap = [{ user = "d", secret_file = "s" }]
            [transport.second]
            plugin = "iscsi@1.2"
            [store.a]
            type = "file"
            path = "/a.img"
            size = "20GiB"
            cache = "direct"
            read_only = true
            queue = 3
            [store.b]
            type = "fault"
            over = "a"
            shared = true
            delay = "200ms"
            ratio = 0.25
            [store.c]
            type = "memory"
            [unit.u]
            device = "sbc"
            store = "b"
            vendor = "V \"x\""
            product = "P"
            revision = "1"
            serial = "S"
            scsi_id = "I"
            naa = "60000000000000000000000000000001"
            block_length = 4096
            [unit.o]
            device = "osd"
            stores = { data = "c", index = "b" }
            [[target]]
            name = "short"
            online = false
            iscsi = { name = "iqn.x:a", max_burst_length = "64KiB" }
            second.name = "iqn.x:b"
            access = [{ addresses = ["10.0.0.0/8", "2001:db8::/32"] }, { addresses = ["all"], initiators = ["iqn.i:*"] }]
            chap = [{ user = "u", secret_file = "s" }]
            chap_outgoing = { user = "t", secret_file = "t" }
            luns = [{ number = 1, unit = "u", initiators = ["a", "b*"] }, { number = 1, unit = "o" }]
            [[target]]
            iscsi.name = "iqn.x:c"
            access = []
            """;
        DesiredState state = Bound.State(Toml, files.Path("tgt.toml"));
        string exported = ConfigurationExport.ToToml(state);
        Assert.AreEqual(state, Bound.State(exported), exported);
        StringAssert.Contains(exported, "iscsi.name = \"iqn.x:c\"", StringComparison.Ordinal);
        Assert.IsFalse(exported.Contains("twelve", StringComparison.Ordinal), "a secret is never written");
    }

    [TestMethod]
    public void Export_OfNothing_IsNothing() => Assert.AreEqual("", ConfigurationExport.ToToml(DesiredState.Empty));

    [TestMethod]
    public void Export_SecretGivenAtRunTime_IsToldInAComment()
    {
        var target = new TargetSpec("t") { Chap = new ChapSpec([new ChapAccountSpec("u", new Secret("hidden-hidden"u8))], null) };
        string exported = ConfigurationExport.ToToml(DesiredState.Empty with { Targets = [target] });
        StringAssert.StartsWith(exported, "# The secret of CHAP user 'u' was given at run time: put it into /etc/tgt/u.secret, or name its file below.\n",
            StringComparison.Ordinal);
        Assert.IsFalse(exported.Contains("hidden", StringComparison.Ordinal));
    }
}
