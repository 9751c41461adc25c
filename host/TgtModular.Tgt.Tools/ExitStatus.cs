namespace TgtModular.Tgt.Tools;

/// <summary>Exit statuses of the tools: errno values where tgt's tools have them.</summary>
public static class ExitStatus
{
    /// <summary>Done.</summary>
    public const int Success = 0;

    /// <summary>Not done.</summary>
    public const int Failure = 1;

    /// <summary>EINVAL: the command line, or the daemon, says no.</summary>
    public const int InvalidArgument = 22;

    /// <summary>EPROTO: the daemon's answer is none.</summary>
    public const int ProtocolError = 71;

    /// <summary>ENOTCONN: there is no daemon.</summary>
    public const int NotConnected = 107;
}
