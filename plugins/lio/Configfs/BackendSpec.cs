using System.Globalization;

namespace TgtModular.Lio.Configfs;

/// <summary>Who keeps the reservations of a backend.</summary>
public enum Reservations
{
    /// <summary>The unit: reservation commands are passed through (<c>pgr_support</c> 0), one state with its other ports.</summary>
    Unit,

    /// <summary>Nobody: the kernel cannot pass them through and refuses them (<c>emulate_pr</c> 0); reservations made elsewhere are obeyed.</summary>
    Refused,

    /// <summary>The kernel, for itself: right only where the unit cannot be reached in another way.</summary>
    Kernel,
}

/// <summary>A backend of the kernel module target_core_user: what the kernel takes for a disk and we answer for.</summary>
/// <param name="Hba">Number of its <c>user_N</c> directory.</param>
/// <param name="Name">Its directory there.</param>
/// <param name="Configuration">Text that goes with it, without commas.</param>
/// <param name="Size">Bytes.</param>
/// <param name="BlockLength">Bytes of a logical block.</param>
public sealed record BackendSpec(int Hba, string Name, string Configuration, long Size, int BlockLength)
{
    /// <summary>How long the kernel waits for an answer before it fails a command.</summary>
    public TimeSpan CommandTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Most bytes of data under way, in MiB.</summary>
    public int DataAreaMebibytes { get; init; } = 64;

    /// <summary>Who shall keep reservations: <see cref="Reservations.Unit"/> as far as the kernel can.</summary>
    public Reservations Reservations { get; init; }

    /// <summary>Bytes of one command's data that the kernel offers to initiators; its own default is 128 blocks.</summary>
    private const int LongestTransfer = 4 << 20;

    /// <summary>Where it is in the tree.</summary>
    public string Path => PathOf(Hba, Name);

    /// <summary>Its name below /sys/class/uio (tcmu_update_uio_info).</summary>
    public string UioName => $"tcm-user/{Number(Hba)}/{Name}/{Configuration}";

    /// <summary>
    /// What is written to <c>control</c> (tcmu_set_configfs_dev_params). Keys that a kernel does not know it passes over. The ring of commands needs no more
    /// than 1 MiB; no reply to netlink messages is waited for, whoever else listens there.
    /// </summary>
    public string Control => string.Join(
        ',',
        $"dev_config={Configuration}",
        $"dev_size={Number(Size)}",
        $"hw_block_size={Number(BlockLength)}",
        $"hw_max_sectors={Number(LongestTransfer / BlockLength)}",
        $"max_data_area_mb={Number(DataAreaMebibytes)}",
        "cmd_ring_size_mb=1",
        "nl_reply_supported=-1");

    /// <summary>The path of a backend.</summary>
    public static string PathOf(int hba, string name) => $"core/user_{Number(hba)}/{name}";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
