using TgtModular.Lio.Configfs;
using TgtModular.Lio.Fabrics;

namespace TgtModular.Lio.Transport;

/// <summary>Says what a refusal of the kernel means and what to do.</summary>
internal static class Problems
{
    public const string ConfigfsMount = "mount -t configfs none /sys/kernel/config";

    /// <summary>There is no tree.</summary>
    /// <param name="root">Where it should be.</param>
    /// <param name="loading">Why the module target_core_mod could not be loaded; null when it was.</param>
    public static string NoTree(string root, string? loading) => loading is null
        ? $"{root} is not there although the module target_core_mod is: configfs is not mounted ({ConfigfsMount})"
        : $"{root} is not there: the kernel has no module target_core_mod ({loading})";

    /// <summary>The directory of a fabric was refused.</summary>
    public static string NoFabric(FabricRow row, IReadOnlyList<string> loading, ConfigfsException refused, string root) => refused.Error switch
    {
        Errno.NotPermitted or Errno.AccessDenied or Errno.ReadOnly => NoRights(refused, root),
        Errno.Invalid => $"the kernel has no fabric {row.Directory}: the module {row.Modules[^1]} is missing" +
            (loading.Count > 0 ? $" ({string.Join("; ", loading)})" : ""),
        _ => refused.Message,
    };

    /// <summary>A step at a port was refused.</summary>
    public static string Explain(FabricRow row, ConfigfsException refused, string root) => refused switch
    {
        { Error: Errno.NotPermitted or Errno.AccessDenied or Errno.ReadOnly } => NoRights(refused, root),
        { Call: ConfigfsCall.MakeDirectory, Error: Errno.Invalid } when refused.Path.StartsWith("core/", StringComparison.Ordinal) =>
            $"the kernel makes no backend {refused.Path}: the module target_core_user is missing",
        { Call: ConfigfsCall.MakeDirectory, Error: Errno.Invalid } when refused.Path.Count(character => character == '/') == 1 => NoPort(row, refused.Path),
        { Error: Errno.NoListener } => $"{refused.Message}: nobody listens to the messages of TCMU",
        { Error: Errno.Busy or Errno.NotEmpty } => $"{refused.Message}: something else uses it",
        { Error: Errno.Exists } => $"{refused.Message}: somebody else has made it",
        _ => refused.Message,
    };

    /// <summary>A port that somebody else has configured.</summary>
    public static string Foreign(FabricRow row, string port, string? backend) =>
        $"{row.Directory}/{port} is in the kernel already and not made by this daemon" +
        (backend is null ? "" : $" (it has {backend})") + ": take it out there (targetcli), or give this target another port";

    /// <summary>Reservations cannot be one state with the unit's.</summary>
    public static string NoReservations(string unit) =>
        $"unit {unit} is not exported: this kernel (before Linux 5.0) keeps reservations of its backends to itself";

    private static string NoRights(ConfigfsException refused, string root) =>
        $"no rights to change {root}: the daemon must run as root ({refused.Message})";

    private static string NoPort(FabricRow row, string path) => row.Source switch
    {
        PortSource.QLogic => $"the driver does not give {path} to target mode: the port is not of this host, in initiator mode, or shutting down",
        PortSource.Rdma => $"ib_srpt has no port {path}: it is not of this host, or its device is down",
        PortSource.Vio => $"ibmvscsis has no adapter {path}: it is not of this partition",
        _ => $"the kernel does not take {path} as a port",
    };
}
