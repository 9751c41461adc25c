using System.Net;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Interop.Harness;

/// <summary>The configuration most tests want: one target on 127.0.0.1 with one disk as LUN 1.</summary>
internal sealed record DiskConfiguration(TempDirectory Directory, int Port)
{
    public const string TargetName = "iqn.2026-11.org.tgtmodular.test:t1";

    public int SizeMiB { get; init; } = 256;

    /// <summary>Type of the store: file, memory or null.</summary>
    public string Type { get; init; } = "file";

    private string Store => Type == "file"
        ? $"""
            type = "file"
            path = "{Image}"
            size = "{SizeMiB}MiB"
            """
        : $"""
            type = "{Type}"
            size = "{SizeMiB}MiB"
            """;

    public string Image => Directory.File("disk.img");

    /// <summary>As libiscsi, QEMU and the load generator write it.</summary>
    public string Url => $"iscsi://127.0.0.1:{Port}/{TargetName}/1";

    public TargetAddress Address => new(new IPEndPoint(IPAddress.Loopback, Port), TargetName, 1);

    public string Toml() => $"""
        state_directory = "{Directory.File("state")}"

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
