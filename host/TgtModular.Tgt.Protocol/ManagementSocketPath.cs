using System.Globalization;

namespace TgtModular.Tgt.Protocol;

/// <summary>Where the management socket is.</summary>
public static class ManagementSocketPath
{
    /// <summary>Environment variable that names the socket, without its port.</summary>
    public const string Variable = "TGT_IPC_SOCKET";

    /// <summary>The socket without its port where the environment says nothing.</summary>
    public const string Default = "/var/run/tgtd/socket";

    /// <summary>The socket of a control port: the environment's or the default path, a point, and the port.</summary>
    public static string For(int controlPort) =>
        string.Create(CultureInfo.InvariantCulture, $"{Environment.GetEnvironmentVariable(Variable) ?? Default}.{controlPort}");

    /// <summary>The file beside a socket that its daemon keeps locked.</summary>
    public static string LockFor(string socketPath) => $"{socketPath}.lock";
}
