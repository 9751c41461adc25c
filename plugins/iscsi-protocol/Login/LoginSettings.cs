using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Login;

/// <summary>Bounds on one login. The time it may take is the caller's to watch.</summary>
public sealed record LoginSettings
{
    /// <summary>Login requests accepted on one connection before it is refused.</summary>
    public int MaxRequests { get; init; } = 32;

    /// <summary>Bounds on the text.</summary>
    public TextLimits Text { get; init; } = TextLimits.Default;
}

/// <summary>Where a login stands.</summary>
public enum LoginState
{
    /// <summary>The next login request is awaited: <see cref="TargetLogin.Receive"/>.</summary>
    AwaitingRequest,

    /// <summary>The caller is to decide on the identity: <see cref="TargetLogin.Admit"/>.</summary>
    AwaitingAdmission,

    /// <summary>All is agreed; the caller is to make or find the session: <see cref="TargetLogin.Complete"/> or <see cref="TargetLogin.Fail"/>.</summary>
    AwaitingSession,

    /// <summary>A response is ready: <see cref="TargetLogin.WriteResponse"/>.</summary>
    AwaitingResponse,

    /// <summary>The final response has been written; the connection is in the Full Feature Phase.</summary>
    Succeeded,

    /// <summary>The refusing response has been written; the connection is to be closed once it is sent.</summary>
    Failed,
}

/// <summary>Why a login was refused; for the log. The peer gets only the <see cref="Pdus.LoginStatus"/>.</summary>
public enum LoginFault
{
    /// <summary>No fault.</summary>
    None,

    /// <summary>A PDU that is no login request.</summary>
    NotALoginRequest,

    /// <summary>More requests than <see cref="LoginSettings.MaxRequests"/>.</summary>
    TooManyRequests,

    /// <summary>No version in common.</summary>
    Version,

    /// <summary>T and C together, a reserved stage, a stage out of order.</summary>
    StageBits,

    /// <summary>ISID, TSIH, CID or Initiator Task Tag changed within the login.</summary>
    IdentifierChanged,

    /// <summary>The text is malformed or too long.</summary>
    Text,

    /// <summary>An identifying key is missing or bad.</summary>
    Identity,

    /// <summary>An authentication key out of place, or authentication left out.</summary>
    AuthenticationSequence,

    /// <summary>Authentication failed; see <see cref="TargetLogin.AuthenticationFailure"/>.</summary>
    Authentication,

    /// <summary>The negotiation failed; see <see cref="TargetLogin.NegotiationError"/>.</summary>
    Negotiation,

    /// <summary>Text where only an empty request to go on was in order.</summary>
    UnexpectedText,

    /// <summary>The caller refused.</summary>
    Caller,
}
