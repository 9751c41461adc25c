namespace TgtModular.Iscsi.Protocol.Negotiation;

/// <summary>The two ends of a session; also used as a set of senders.</summary>
[Flags]
public enum IscsiRole : byte
{
    /// <summary>The initiator.</summary>
    Initiator = 1,

    /// <summary>The target.</summary>
    Target = 2,
}

/// <summary>How a key's value comes about (RFC 7143 sections 6.2.1 and 6.2.2).</summary>
public enum KeyKind : byte
{
    /// <summary>Negotiated: Yes if both say Yes.</summary>
    BooleanAnd,

    /// <summary>Negotiated: Yes if one says Yes.</summary>
    BooleanOr,

    /// <summary>Negotiated: the smaller number.</summary>
    NumberMinimum,

    /// <summary>Negotiated: the larger number.</summary>
    NumberMaximum,

    /// <summary>Negotiated: the first of the proposer's list that the answerer can use.</summary>
    List,

    /// <summary>Declared: a number about the sender.</summary>
    DeclaredNumber,

    /// <summary>Declared: Yes or No about the sender.</summary>
    DeclaredBoolean,

    /// <summary>Declared: one of a fixed set of words.</summary>
    DeclaredChoice,

    /// <summary>Declared: text about the sender.</summary>
    DeclaredText,

    /// <summary>Asks for text keys in the answer (SendTargets).</summary>
    Request,

    /// <summary>Obsolete boolean, always answered with No (section 13.25).</summary>
    ObsoleteBoolean,

    /// <summary>Obsolete range, always answered with Reject (section 13.25).</summary>
    ObsoleteRange,
}

/// <summary>When a key may be sent (RFC 7143 section 13).</summary>
public enum KeyUse : byte
{
    /// <summary>IO: initialize only, in the login phase of each connection.</summary>
    InitializeOnly,

    /// <summary>LO: leading only, in the login phase of a session's first connection.</summary>
    LeadingOnly,

    /// <summary>FFPO: Full Feature Phase only.</summary>
    FullFeaturePhaseOnly,

    /// <summary>ALL: during login and in the Full Feature Phase.</summary>
    All,
}

/// <summary>What a key's value belongs to (RFC 7143 section 13).</summary>
public enum KeyScope : byte
{
    /// <summary>CO: the connection.</summary>
    Connection,

    /// <summary>SW: the session.</summary>
    Session,
}

/// <summary>When a key has no meaning and is answered with Irrelevant.</summary>
public enum KeyIrrelevance : byte
{
    /// <summary>Never.</summary>
    Never,

    /// <summary>When SessionType=Discovery.</summary>
    InDiscovery,

    /// <summary>Unless RDMAExtensions=Yes (RFC 7145).</summary>
    WithoutRdma,
}

/// <summary>One text key: a row of <see cref="KeyTable"/>.</summary>
/// <param name="Id">Number of the row.</param>
/// <param name="Name">Name on the wire.</param>
/// <param name="Kind">How the value comes about.</param>
/// <param name="Use">When it may be sent.</param>
/// <param name="Scope">What it belongs to.</param>
/// <param name="Senders">Who may send it.</param>
/// <param name="Clause">Where it is specified.</param>
public sealed record KeyDefinition(KeyId Id, string Name, KeyKind Kind, KeyUse Use, KeyScope Scope, IscsiRole Senders, string Clause)
{
    /// <summary>Value while nothing was agreed: a number, 0 or 1 for No and Yes, or an index into <see cref="Words"/>.</summary>
    public long Default { get; init; }

    /// <summary>Smallest admissible number.</summary>
    public long Minimum { get; init; }

    /// <summary>Largest admissible number.</summary>
    public long Maximum { get; init; } = long.MaxValue;

    /// <summary>Whether 0, below <see cref="Minimum"/>, is admissible too (no limit).</summary>
    public bool ZeroIsUnlimited { get; init; }

    /// <summary>The words of a list or choice.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>When it has no meaning.</summary>
    public KeyIrrelevance Irrelevance { get; init; }

    /// <summary>Whether it may be sent in the SecurityNegotiation stage (RFC 7143 section 12).</summary>
    public bool AllowedInSecurity { get; init; }

    /// <summary>Whether its answer depends on other keys of the same text, so that it is treated after them.</summary>
    public bool IsDependent { get; init; }

    /// <summary>Whether it is negotiated, that is answered.</summary>
    public bool IsNegotiated => Kind <= KeyKind.List;

    /// <summary>Whether a number is admissible.</summary>
    /// <param name="number">A number.</param>
    public bool Admits(ulong number) => (number >= (ulong)Minimum && number <= (ulong)Maximum) || (ZeroIsUnlimited && number == 0);
}
