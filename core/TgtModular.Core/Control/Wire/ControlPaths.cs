namespace TgtModular.Core.Control.Wire;

/// <summary>Where the daemon and its tools find each other, with and without root.</summary>
public static class ControlPaths
{
    /// <summary>Environment variable that names the control socket.</summary>
    public const string SocketVariable = "TGT_CONTROL_SOCKET";

    private const string SocketName = "control.sock";

    /// <summary>The configuration file that is read when none is named.</summary>
    public const string ConfigurationFile = "/etc/tgt/tgt.toml";

    /// <summary>State that survives a restart: <c>/var/lib/tgt</c>; without root <c>tgt</c> below the XDG state directory.</summary>
    public static string StateDirectory => Environment.IsPrivilegedProcess
        ? "/var/lib/tgt"
        : Path.Combine(Absolute("XDG_STATE_HOME") ?? Path.Combine(Home, ".local", "state"), "tgt");

    /// <summary>
    /// The control socket: as the environment says, else <c>/run/tgt/control.sock</c>, without root <c>tgt/control.sock</c> below the XDG runtime
    /// directory.
    /// </summary>
    public static string Socket => Absolute(SocketVariable) ?? Path.Combine(RuntimeDirectory, SocketName);

    /// <summary>
    /// The control socket of a daemon with that state directory: one that does not use the default directory has its socket there, so that
    /// daemons do not get in each other's way.
    /// </summary>
    public static string SocketFor(string stateDirectory) =>
        Absolute(SocketVariable) is { } named ? named : stateDirectory == StateDirectory ? Socket : Path.Combine(stateDirectory, SocketName);

    private static string RuntimeDirectory => Environment.IsPrivilegedProcess ? "/run/tgt" : Path.Combine(Absolute("XDG_RUNTIME_DIR") ?? StateDirectory, "tgt");

    private static string Home => Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? home : "/tmp";

    /// <summary>The XDG base directory specification has relative values ignored.</summary>
    private static string? Absolute(string variable) => Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value && Path.IsPathRooted(value)
        ? value : null;
}
