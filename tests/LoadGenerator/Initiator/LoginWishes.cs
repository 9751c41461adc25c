namespace TgtModular.LoadGenerator.Initiator;

/// <summary>What this initiator asks for at login.</summary>
public sealed record LoginWishes
{
    public string InitiatorName { get; init; } = "iqn.2026-11.org.tgtmodular:load";

    public bool HeaderDigest { get; init; }

    public bool DataDigest { get; init; }

    /// <summary>MaxRecvDataSegmentLength it declares, in bytes.</summary>
    public int MaxRecvDataSegmentLength { get; init; } = 256 * 1024;

    /// <summary>Distinguishes the sessions of one initiator name.</summary>
    public ulong Isid { get; init; } = 0x8000_0000_0001;

    /// <summary>A silent target is given up after this long.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
