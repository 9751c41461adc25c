namespace TgtModular.Daemon;

/// <summary>What is served when nobody said what: a sparse disk on this machine only.</summary>
internal static class Demo
{
    /// <summary>The demo target's name. example.org belongs to everybody (RFC 2606).</summary>
    public const string TargetName = "iqn.2026-11.org.example:demo";

    /// <summary>The name that messages have for its configuration.</summary>
    public const string FileName = "demo.toml";

    /// <summary>The demo as a configuration file would have it.</summary>
    public static string Configuration(string stateDirectory, string portal) => $$"""
        [transport.iscsi]
        listen = [{{Quoted(portal)}}]

        [store.demo]
        type = "file"
        path = {{Quoted(Path.Combine(stateDirectory, "demo.img"))}}
        size = "1GiB"
        recreate = true

        [unit.demo]
        device = "sbc"
        store = "demo"
        product = "DEMO DISK"

        [[target]]
        iscsi.name = "{{TargetName}}"
        access = { addresses = ["127.0.0.0/8", "::1"] }
        luns = [{ number = 1, unit = "demo" }]
        """;

    /// <summary>What to type to reach the disk.</summary>
    /// <param name="image">The file behind it.</param>
    /// <param name="portal">The portal, with the port it really has.</param>
    public static string Instructions(string image, string portal) => $"""
        A demo disk of 1 GiB ({image}) is served on {portal}. From a second terminal:

          iscsi-ls -s iscsi://{portal}
          iscsi-inq iscsi://{portal}/{TargetName}/1
          qemu-img info iscsi://{portal}/{TargetName}/1
          qemu-img convert -n -O raw disk.img iscsi://{portal}/{TargetName}/1

        With the kernel's initiator, as root:

          iscsiadm -m discovery -t sendtargets -p {portal}
          iscsiadm -m node -T {TargetName} -p {portal} --login

        Ctrl-C ends the daemon; the disk stays. For disks of your own: tgtd --config FILE.
        """;

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
