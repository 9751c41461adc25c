using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Protocol.Login;

/// <summary>What the login requests of one connection have in common, and the rules on their headers (RFC 7143 section 11.12).</summary>
internal sealed class LoginConversation
{
    private int _requests;
    private ushort _cid;

    /// <summary>CSG.</summary>
    public LoginStage Stage { get; private set; }

    /// <summary>NSG of the last request; valid with <see cref="WantsTransit"/>.</summary>
    public LoginStage NextStage { get; private set; }

    /// <summary>T of the last request.</summary>
    public bool WantsTransit { get; private set; }

    public Isid Isid { get; private set; }

    public ushort Tsih { get; private set; }

    public uint InitiatorTaskTag { get; private set; }

    /// <summary>Takes a request's header. A fault ends the login with the status.</summary>
    public (LoginStatus Status, LoginFault Fault) Accept(scoped in LoginRequestHeader header, int maxRequests)
    {
        if (header.Basic.Opcode != Opcode.LoginRequest)
        {
            InitiatorTaskTag = header.InitiatorTaskTag;
            return (LoginStatus.InvalidDuringLogin, LoginFault.NotALoginRequest);
        }

        bool isFirst = _requests == 0;
        _requests++;
        bool isSame = header.Isid == Isid && header.Tsih == Tsih && header.Cid == _cid && header.InitiatorTaskTag == InitiatorTaskTag;
        Isid = header.Isid;
        Tsih = header.Tsih;
        InitiatorTaskTag = header.InitiatorTaskTag;
        _cid = header.Cid;
        if (_requests > maxRequests)
            return (LoginStatus.InitiatorError, LoginFault.TooManyRequests);
        if (header.VersionMin > 0)
            return (LoginStatus.UnsupportedVersion, LoginFault.Version);
        if (!isFirst && !isSame)
            return (LoginStatus.InitiatorError, LoginFault.IdentifierChanged);
        if (!AreStagesInOrder(header, isFirst))
            return (LoginStatus.InitiatorError, LoginFault.StageBits);
        Stage = header.CurrentStage;
        WantsTransit = (header.Flags & LoginFlags.Transit) != 0;
        NextStage = header.NextStage;
        return (LoginStatus.Success, LoginFault.None);
    }

    /// <summary>Follows a transition that was granted.</summary>
    public void EnterStage(LoginStage stage) => Stage = stage;

    private bool AreStagesInOrder(scoped in LoginRequestHeader header, bool isFirst)
    {
        if (header.CurrentStage is not (LoginStage.SecurityNegotiation or LoginStage.OperationalNegotiation))
            return false;
        if (!isFirst && header.CurrentStage != Stage)
            return false;
        if ((header.Flags & LoginFlags.Transit) == 0)
            return true;
        return (header.Flags & LoginFlags.Continue) == 0
            && header.NextStage is LoginStage.OperationalNegotiation or LoginStage.FullFeaturePhase
            && header.NextStage > header.CurrentStage;
    }
}
