using System.Text;
using TgtModular.Interop.Harness;

namespace TgtModular.Interop.Conformance;

/// <summary>A kind of disk that the tool runs against; a column of the lists.</summary>
/// <param name="Name">As the column is called.</param>
/// <param name="Store">Lines of the store's table but for its path.</param>
/// <param name="Unit">Lines of the unit's table.</param>
/// <param name="Paths">Sessions the tool opens: 2 runs the multipath tests as well.</param>
/// <param name="LeastPasses">How many tests passed when this was last raised; the list may not have fewer.</param>
internal sealed record LunKind(string Name, string Store, string Unit, int Paths, int LeastPasses)
{
    private const string TargetPrefix = "iqn.2026-11.org.tgtmodular.test:";

    // Sparse. With blocks of 4 KiB it holds more than the longest WRITE SAME, which the tests of it want.
    private const string FileStore = "type = \"file\"\nsize = \"300MiB\"";

    public static LunKind Plain { get; } = new("plain", FileStore, "thin = false", Paths: 2, LeastPasses: 177);

    public static LunKind Thin { get; } = new("thin", FileStore, "thin = true", Paths: 2, LeastPasses: 190);

    /// <summary>In memory, so that this store is run, too.</summary>
    public static LunKind Removable { get; } =
        new("removable", "type = \"memory\"\nsize = \"300MiB\"", "thin = true\nremovable = true", Paths: 1, LeastPasses: 198);

    /// <summary>Fully provisioned: where WRITE SAME offers to unmap, libiscsi wants it to succeed, which it cannot here.</summary>
    public static LunKind ReadOnly { get; } = new("readonly", FileStore, "thin = false\nreadonly = true", Paths: 1, LeastPasses: 115);

    /// <summary>For the test that a disk which unmaps refuses that, too, when it is read-only.</summary>
    public static LunKind ReadOnlyThin { get; } = new("readonly-thin", FileStore, "thin = true\nreadonly = true", Paths: 1, LeastPasses: 115);

    public static LunKind Blocks4K { get; } =
        new("4k", FileStore, "thin = true\nremovable = true\nblock_size = 4096", Paths: 1, LeastPasses: 194);

    public static IReadOnlyList<LunKind> All { get; } = [Plain, Thin, Removable, ReadOnly, ReadOnlyThin, Blocks4K];

    /// <summary>
    /// A target of its own with a disk of its own for each test: what one leaves behind (reservations, modes, an ejected medium, data) is none of the
    /// others' business.
    /// </summary>
    public string Configure(TempDirectory directory, int port, string engine, int tests)
    {
        StringBuilder toml = new($"""
            state_directory = "{directory.File("state")}"
            [transport.iscsi]
            listen = ["127.0.0.1:{port}"]
            engine = "{engine}"

            """);
        bool inFile = Store.Contains("\"file\"", StringComparison.Ordinal);
        for (int test = 0; test < tests; test++)
        {
            string path = inFile ? $"path = \"{directory.File($"disk{test}.img")}\"\n" : "";
            _ = toml.Append($"[store.disk{test}]\n{Store}\n{path}[unit.disk{test}]\ndevice = \"sbc\"\nstore = \"disk{test}\"\n{Unit}\n");
            _ = toml.Append($"[[target]]\niscsi.name = \"{TargetPrefix}{test}\"\naccess = {{ addresses = [\"127.0.0.0/8\"] }}\n");
            _ = toml.Append($"luns = [{{ number = 1, unit = \"disk{test}\" }}]\n");
        }

        return toml.ToString();
    }

    /// <summary>The addresses of a test's disk, one for each path.</summary>
    public IEnumerable<string> Urls(int port, int test) => Enumerable.Repeat($"iscsi://127.0.0.1:{port}/{TargetPrefix}{test}/1", Paths);
}
