using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.Lio.Tcmu;

/// <summary>One command of a ring, from its entry to its answer. Pooled by <see cref="RingServer"/>: its taker fills it, whoever answers gives it back.</summary>
internal sealed class RingCommand
{
    /// <summary>Next in the list that it is in.</summary>
    public RingCommand? Next { get; set; }

    /// <summary>The kernel's number.</summary>
    public ushort Identifier { get; set; }

    /// <summary>Its data in the ring.</summary>
    public RingBuffer Data { get; } = new();

    /// <summary>Whom <see cref="Data"/> was lent for.</summary>
    public DataDirection Lent { get; set; }

    /// <summary>The engine's command; null when it never had one.</summary>
    public ScsiCommand? Command { get; set; }

    /// <summary>Status of the answer.</summary>
    public ScsiStatus Status { get; set; }

    /// <summary>See <see cref="RingAnswer.ReadLength"/>.</summary>
    public uint ReadLength { get; set; }

    /// <summary>Sense data of a command that the engine never saw.</summary>
    public byte[]? OwnSense { get; set; }

    /// <summary>It waits for older ones, in a ring that is answered in order.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>Begins a new command.</summary>
    public void Begin(ushort identifier)
    {
        Identifier = identifier;
        Data.Reset();
        Lent = DataDirection.None;
        Command = null;
        Status = ScsiStatus.Good;
        ReadLength = 0;
        OwnSense = null;
        IsAnswered = false;
    }
}
