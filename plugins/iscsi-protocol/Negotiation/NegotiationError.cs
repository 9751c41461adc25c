namespace TgtModular.Iscsi.Protocol.Negotiation;

/// <summary>Where in a connection's life text is exchanged.</summary>
public enum NegotiationPhase
{
    /// <summary>Login, SecurityNegotiation stage.</summary>
    Security,

    /// <summary>Login, LoginOperationalNegotiation stage.</summary>
    Operational,

    /// <summary>Text requests in the Full Feature Phase.</summary>
    FullFeature,
}

/// <summary>A protocol error in a negotiation. At a target it ends a login with "initiator error", and a text request with a Reject.</summary>
public enum NegotiationError
{
    /// <summary>No error.</summary>
    None,

    /// <summary>A key was sent a second time (RFC 7143 section 6.3).</summary>
    Duplicate,

    /// <summary>A key that the peer's role may not send.</summary>
    WrongSender,

    /// <summary>A key that may not be sent in this phase.</summary>
    WrongPhase,

    /// <summary>A declared value that is malformed or out of range.</summary>
    BadDeclaration,

    /// <summary>Reject, Irrelevant or NotUnderstood for something that was not proposed.</summary>
    UnexpectedAnswer,

    /// <summary>An answer that the offer does not allow.</summary>
    BadAnswer,

    /// <summary>The result is one that this side's policy does not allow.</summary>
    PolicyViolated,

    /// <summary>A proposal of this side stayed without an answer.</summary>
    NoAnswer,

    /// <summary>More unknown keys than <see cref="Negotiator.MaxUnknownKeys"/>.</summary>
    TooManyUnknownKeys,
}
