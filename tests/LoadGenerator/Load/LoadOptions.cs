using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.LoadGenerator.Load;

/// <summary>What is read and written in which order.</summary>
public enum AccessPattern
{
    /// <summary>Reads at random places.</summary>
    RandomRead,

    /// <summary>Writes at random places.</summary>
    RandomWrite,

    /// <summary>Reads and writes at random places, as <see cref="LoadOptions.ReadPercent"/> says.</summary>
    RandomMix,

    /// <summary>Reads one behind the other; each session in its own part.</summary>
    Read,

    /// <summary>Writes one behind the other; each session in its own part.</summary>
    Write,
}

/// <summary>One run.</summary>
public sealed record LoadOptions
{
    public required TargetAddress Address { get; init; }

    public AccessPattern Pattern { get; init; } = AccessPattern.RandomRead;

    /// <summary>Bytes per command; a multiple of the logical block length.</summary>
    public int TransferLength { get; init; } = 4096;

    public int Sessions { get; init; } = 1;

    /// <summary>Reads among the commands of <see cref="AccessPattern.RandomMix"/>, in percent.</summary>
    public int ReadPercent { get; init; } = 50;

    /// <summary>Logical units: session n has the address's LUN plus n modulo this.</summary>
    public int Luns { get; init; } = 1;

    /// <summary>Commands outstanding per session.</summary>
    public int Depth { get; init; } = 1;

    public int Threads { get; init; } = 1;

    /// <summary>Not measured.</summary>
    public TimeSpan Warmup { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Ends the run after so many commands in all, if set, however long it takes.</summary>
    public long? CommandLimit { get; init; }

    /// <summary>Bytes of the unit that are used, from its beginning; all if not set.</summary>
    public long? Region { get; init; }

    /// <summary>Writes stamped blocks and checks what it reads of them.</summary>
    public bool Verify { get; init; }

    public LoginWishes Login { get; init; } = new();
}
