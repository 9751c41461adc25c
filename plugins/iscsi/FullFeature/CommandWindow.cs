using TgtModular.Iscsi.Protocol.Numbers;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>Where a CmdSN lies.</summary>
internal enum CommandPosition
{
    /// <summary>It is the next one.</summary>
    Next,

    /// <summary>Within the window, but others are missing before it.</summary>
    Ahead,

    /// <summary>Outside the window, or received already: the PDU is to be ignored (RFC 7143 section 4.2.2.1).</summary>
    Outside,
}

/// <summary>
/// ExpCmdSN and MaxCmdSN of a session. The receive loop owns ExpCmdSN. MaxCmdSN moves on by one with every answer to a request that took a CmdSN, so
/// that never more than the depth are under way, and never moves back.
/// </summary>
internal sealed class CommandWindow(uint firstCmdSN, int depth)
{
    private uint _expected = firstCmdSN;
    private uint _maximum = firstCmdSN + (uint)depth - 1;

    /// <summary>The next CmdSN that will be taken.</summary>
    public uint ExpCmdSN => Volatile.Read(ref _expected);

    /// <summary>The last CmdSN that may be sent.</summary>
    public uint MaxCmdSN => Volatile.Read(ref _maximum);

    /// <summary>Where <paramref name="cmdSN"/> lies.</summary>
    public CommandPosition Locate(uint cmdSN)
    {
        if (cmdSN == _expected) return SerialNumber.IsLessOrEqual(cmdSN, MaxCmdSN) ? CommandPosition.Next : CommandPosition.Outside;
        return SerialNumber.IsLess(_expected, cmdSN) && SerialNumber.IsLessOrEqual(cmdSN, MaxCmdSN) ? CommandPosition.Ahead : CommandPosition.Outside;
    }

    /// <summary>Takes the next CmdSN.</summary>
    public void Take() => Volatile.Write(ref _expected, _expected + 1);

    /// <summary>A request that took a CmdSN is answered, or will never be.</summary>
    public void Open() => Interlocked.Increment(ref _maximum);
}
