namespace TgtModular.Iscsi.Protocol.Negotiation;

/// <summary>How far one key has come on one connection.</summary>
internal enum KeyProgress : byte
{
    /// <summary>Not proposed; the default stands.</summary>
    Open,

    /// <summary>Proposed by this side, not answered.</summary>
    Proposed,

    /// <summary>Proposed by this side with a result that no answer can change.</summary>
    Determined,

    /// <summary>Agreed, or refused and left at the default.</summary>
    Settled,
}

/// <summary>One key on one connection. Owned by the <see cref="Negotiator"/>.</summary>
internal sealed class KeyState(long ours, IReadOnlyList<int> choices)
{
    /// <summary>This side's number or boolean by policy.</summary>
    public long Ours { get; } = ours;

    /// <summary>This side's choices of a list by policy.</summary>
    public IReadOnlyList<int> Choices { get; } = choices;

    /// <summary>The value in force; of a declared key, the peer's.</summary>
    public long Value { get; set; }

    /// <summary>The peer's text.</summary>
    public string? Text { get; set; }

    /// <summary>A value put off to the end of the text.</summary>
    public byte[]? Deferred { get; set; }

    public KeyProgress Progress { get; set; }

    /// <summary>Whether the peer has sent the key in this login or text.</summary>
    public bool IsReceived { get; set; }

    /// <summary>Whether this side has declared the key.</summary>
    public bool IsDeclared { get; set; }
}
