namespace TgtModular.Iscsi.Protocol.Numbers;

/// <summary>Where a CmdSN lies (RFC 7143 section 4.2.2.1).</summary>
public enum CommandPlacement
{
    /// <summary>The next one expected: deliver it and call <see cref="CommandWindow.Advance"/>.</summary>
    Expected,

    /// <summary>In the window, but others are missing before it: park it.</summary>
    Ahead,

    /// <summary>Outside the window, a duplicate or too far ahead: ignore it silently.</summary>
    Outside,
}

/// <summary>
/// The target's command window: ExpCmdSN to MaxCmdSN (RFC 7143 section 4.2.2.1). Immediate commands do not go through it. Owned by
/// one session; not thread safe.
/// </summary>
public struct CommandWindow
{
    /// <summary>Begins a session.</summary>
    /// <param name="initialCmdSN">CmdSN of the leading login request: the first non-immediate command carries it.</param>
    /// <param name="size">Commands that may be under way: 1 to 2^31 - 1.</param>
    public CommandWindow(uint initialCmdSN, int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        ExpCmdSN = initialCmdSN;
        MaxCmdSN = initialCmdSN + (uint)size - 1;
    }

    /// <summary>The next CmdSN expected.</summary>
    public uint ExpCmdSN { get; private set; }

    /// <summary>The largest CmdSN accepted; ExpCmdSN - 1 while the window is closed.</summary>
    public uint MaxCmdSN { get; private set; }

    /// <summary>How many commands the initiator may still send.</summary>
    public readonly uint OpenSlots => MaxCmdSN - ExpCmdSN + 1;

    /// <summary>Places the CmdSN of a non-immediate command.</summary>
    /// <param name="cmdSN">From the header.</param>
    public readonly CommandPlacement Place(uint cmdSN)
    {
        uint distance = cmdSN - ExpCmdSN;
        if (distance >= OpenSlots)
            return CommandPlacement.Outside;
        return distance == 0 ? CommandPlacement.Expected : CommandPlacement.Ahead;
    }

    /// <summary>Takes the expected command.</summary>
    public void Advance() => ExpCmdSN++;

    /// <summary>Lets the initiator have <paramref name="slots"/> commands beyond ExpCmdSN; never takes back what was granted.</summary>
    /// <param name="slots">0 to 2^31 - 1.</param>
    public void Grant(int slots)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(slots);
        uint wanted = ExpCmdSN + (uint)slots - 1;
        if (SerialNumber.IsLess(MaxCmdSN, wanted))
            MaxCmdSN = wanted;
    }
}

/// <summary>The initiator's view of the window (RFC 7143 section 4.2.2.1). Owned by one session; not thread safe.</summary>
public struct InitiatorCommandWindow
{
    /// <summary>Begins a session; nothing may be sent until the target's first numbers arrive.</summary>
    /// <param name="initialCmdSN">CmdSN of the leading login request.</param>
    public InitiatorCommandWindow(uint initialCmdSN)
    {
        NextCmdSN = initialCmdSN;
        ExpCmdSN = initialCmdSN;
        MaxCmdSN = initialCmdSN - 1;
    }

    /// <summary>The CmdSN of the next command; immediate ones carry it without taking it.</summary>
    public uint NextCmdSN { get; private set; }

    /// <summary>Every command before this one has arrived.</summary>
    public uint ExpCmdSN { get; private set; }

    /// <summary>The largest CmdSN that may be sent.</summary>
    public uint MaxCmdSN { get; private set; }

    /// <summary>Whether another non-immediate command may be sent.</summary>
    public readonly bool CanSend => SerialNumber.IsLessOrEqual(NextCmdSN, MaxCmdSN);

    /// <summary>Takes the next CmdSN.</summary>
    public uint Take() => NextCmdSN++;

    /// <summary>Takes the numbers of a target PDU in: inconsistent pairs are ignored, and neither number goes back.</summary>
    /// <param name="expCmdSN">From the header.</param>
    /// <param name="maxCmdSN">From the header.</param>
    public void Update(uint expCmdSN, uint maxCmdSN)
    {
        if (SerialNumber.IsLess(maxCmdSN, expCmdSN - 1))
            return;
        MaxCmdSN = SerialNumber.Max(MaxCmdSN, maxCmdSN);
        ExpCmdSN = SerialNumber.Max(ExpCmdSN, expCmdSN);
    }
}
