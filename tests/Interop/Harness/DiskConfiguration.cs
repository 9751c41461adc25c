using System.Globalization;
using System.Net;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Interop.Harness;

/// <summary>The configuration most tests want: one target on 127.0.0.1 with one disk as LUN 1.</summary>
internal sealed record DiskConfiguration(TempDirectory Directory, int Port)
{
    public const string TargetName = "iqn.2026-11.org.tgtmodular.test:t1";

    public int SizeMiB { get; init; } = 256;

    /// <summary>Lines of the store's table after its type.</summary>
    public string Store => string.Create(CultureInfo.InvariantCulture, $"""
        type = "file"
        path = "{Image}"
        size = "{SizeMiB}MiB"
        """);

    public string Image => Directory.File("disk.img");

    /// <summary>As libiscsi, QEMU and the load generator write it.</summary>
    public string Url => $"iscsi://127.0.0.1:{Port}/{TargetName}/1";

    public TargetAddress Address => new(new IPEndPoint(IPAddress.Loopback, Port), TargetName, 1);

    /// <summary>Text before the first table.</summary>
    public string Head => $"""
        state_directory = "{Directory.File("state")}"

        """;

    public string Toml() => $"""
        {Head}
        [transport.iscsi]
        listen = ["127.0.0.1:{Port}"]

        [store.disk]
        {Store}

        [unit.disk]
        device = "sbc"
        store = "disk"

        [[target]]
        iscsi.name = "{TargetName}"
        access = {"{"} addresses = ["127.0.0.0/8"] {"}"}
        luns = [{"{"} number = 1, unit = "disk" {"}"}]

        """;
}
