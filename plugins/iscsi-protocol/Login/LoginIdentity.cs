using System.Diagnostics.CodeAnalysis;
using TgtModular.Iscsi.Protocol.Naming;
using TgtModular.Iscsi.Protocol.Negotiation;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Login;

/// <summary>Who logs in to what: from the first login request of a connection. Nothing of it is authenticated yet.</summary>
/// <param name="InitiatorName">Normalised.</param>
/// <param name="TargetName">Normalised; null in a discovery session that names none.</param>
/// <param name="SessionType">Normal or discovery.</param>
/// <param name="Isid">Initiator part of the session identifier.</param>
/// <param name="Tsih">0 for a new session, else the session that the connection is to join.</param>
/// <param name="Cid">Connection ID.</param>
/// <param name="CmdSN">Of the request: the session's first, in a leading login.</param>
public sealed record LoginIdentity(string InitiatorName, string? TargetName, SessionType SessionType, Isid Isid, ushort Tsih, ushort Cid, uint CmdSN)
{
    /// <summary>Whether a new session is asked for.</summary>
    public bool IsLeading => Tsih == 0;

    /// <summary>Reads the identifying keys of the first login text (RFC 7143 section 6.3).</summary>
    /// <returns>Success, or the status that ends the login.</returns>
    internal static LoginStatus TryRead(scoped in LoginRequestHeader header, TextPairReader pairs, out LoginIdentity? identity)
    {
        identity = null;
        string? initiatorName = null;
        string? targetName = null;
        SessionType? sessionType = null;
        while (pairs.TryRead(out TextPair pair))
        {
            if (Is(pair, KeyId.InitiatorName) && initiatorName is null)
            {
                if (!IscsiName.TryNormalize(pair.Value, out initiatorName, out _))
                    return LoginStatus.InitiatorError;
            }
            else if (Is(pair, KeyId.TargetName) && targetName is null)
            {
                if (!IscsiName.TryNormalize(pair.Value, out targetName, out _))
                    return LoginStatus.NotFound;
            }
            else if (Is(pair, KeyId.SessionType) && sessionType is null)
            {
                int index = KeyRules.IndexOfWord(KeyTable.Get(KeyId.SessionType), pair.Value);
                if (index < 0)
                    return LoginStatus.SessionTypeNotSupported;
                sessionType = (SessionType)index;
            }
        }

        if (pairs.Error != TextError.None)
            return LoginStatus.InitiatorError;
        sessionType ??= SessionType.Normal;
        if (initiatorName is null || (targetName is null && sessionType == SessionType.Normal))
            return LoginStatus.MissingParameter;
        identity = new LoginIdentity(initiatorName, targetName, sessionType.Value, header.Isid, header.Tsih, header.Cid, header.Sequence.CmdSN);
        return LoginStatus.Success;
    }

    private static bool Is(scoped TextPair pair, KeyId id) => System.Text.Ascii.Equals(pair.Key, KeyTable.Get(id).Name);
}

/// <summary>The caller's answer to a <see cref="LoginIdentity"/>.</summary>
public sealed record LoginAdmission
{
    private LoginAdmission()
    {
    }

    /// <summary>Success, or why the login ends.</summary>
    public LoginStatus Status { get; private init; }

    /// <summary>Where the target has gone, for a redirection.</summary>
    public TargetAddress? MovedTo { get; private init; }

    /// <summary>What the target asks of the initiator.</summary>
    public Auth.ITargetAuthentication Authentication { get; private init; } = Auth.NoAuthentication.Instance;

    /// <summary>What the target grants.</summary>
    public NegotiationPolicy? Negotiation { get; private init; }

    /// <summary>Tag of the portal group that the connection came in at.</summary>
    public ushort? PortalGroupTag { get; private init; }

    /// <summary>TargetAlias, or null for none.</summary>
    public string? TargetAlias { get; private init; }

    /// <summary>Lets the login go on.</summary>
    /// <param name="negotiation">What the target grants.</param>
    /// <param name="authentication">What the target asks of the initiator.</param>
    /// <param name="portalGroupTag">Declared in the first response; required in normal sessions (RFC 7143 section 13.9).</param>
    /// <param name="targetAlias">TargetAlias, or null for none.</param>
    public static LoginAdmission Accept(
        NegotiationPolicy negotiation, Auth.ITargetAuthentication authentication, ushort? portalGroupTag, string? targetAlias = null) =>
        new() { Negotiation = negotiation, Authentication = authentication, PortalGroupTag = portalGroupTag, TargetAlias = targetAlias };

    /// <summary>Ends the login.</summary>
    /// <param name="status">Of class initiator error or target error.</param>
    public static LoginAdmission Refuse(LoginStatus status)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan((int)status, (int)LoginStatus.InitiatorError, nameof(status));
        return new LoginAdmission { Status = status };
    }

    /// <summary>Sends the initiator elsewhere.</summary>
    /// <param name="movedTo">Where; without a portal group tag.</param>
    /// <param name="isPermanent">Whether to remember it.</param>
    public static LoginAdmission Redirect(TargetAddress movedTo, bool isPermanent) =>
        new() { Status = isPermanent ? LoginStatus.TargetMovedPermanently : LoginStatus.TargetMovedTemporarily, MovedTo = movedTo };

    /// <summary>Whether the login goes on.</summary>
    [MemberNotNullWhen(true, nameof(Negotiation))]
    internal bool IsAccepted => Status == LoginStatus.Success;
}
