using TgtModular.Buffers;
using TgtModular.Iscsi.Channels;
using TgtModular.Iscsi.Configuration;
using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.FullFeature;
using TgtModular.Iscsi.Protocol.Framing;
using TgtModular.Iscsi.Protocol.Login;
using TgtModular.Iscsi.Protocol.Negotiation;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Iscsi.Sessions;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Login;

/// <summary>The login of one connection: carries PDUs to and from the pure <see cref="TargetLogin"/>, decides on admission, makes the session.</summary>
internal sealed class LoginPhase(TransportServices services, IByteChannel channel, ReceiveBuffer buffer, Connection connection)
{
    /// <summary>Immediate commands that a session may have beyond its window.</summary>
    private const int ImmediateCommands = 16;

    private readonly TargetLogin _login = new(new LoginSettings());
    private readonly SendList _list = new(1);
    private uint _statSN = 1;
    private ITransportTarget? _target;
    private InitiatorIdentity? _initiator;
    private TargetSettings? _settings;
    private Session? _session;
    private NegotiatedParameters? _parameters;
    private CommandWindow? _window;
    private int _depth;

    /// <summary>Runs the login.</summary>
    /// <returns>Null when it was refused; the answer that says so has been sent.</returns>
    public async Task<LoginOutcome?> RunAsync()
    {
        while (true)
        {
            int length = await ReceiveAsync();
            LoginState state = Treat(length);
            if (state == LoginState.AwaitingSession) state = await MakeSessionAsync();
            if (state == LoginState.AwaitingResponse) state = await RespondAsync();
            if (state == LoginState.Failed)
            {
                connection.End(EndReason.LoginRefused, Describe(), abort: false);
                return null;
            }

            if (state == LoginState.Succeeded)
                return new LoginOutcome(_session!, _initiator!, _settings!, _parameters!, _login.Negotiator!, _window!, _depth, _statSN);
        }
    }

    /// <summary>Who logs in to what, and what went wrong; for the log.</summary>
    public string Describe()
    {
        string who = _login.Identity is { } identity ? $"{identity.InitiatorName} to {identity.TargetName ?? "discovery"}: " : string.Empty;
        string why = _login.Fault switch
        {
            LoginFault.Authentication => $"{_login.AuthenticationFailure}",
            LoginFault.Negotiation => $"{_login.NegotiationError} of {_login.FaultyKey}",
            LoginFault.Caller => string.Empty,
            _ => $"{_login.Fault}",
        };
        return $"{who}{_login.Status}{(why.Length > 0 ? $" ({why})" : string.Empty)}";
    }

    private async Task<int> ReceiveAsync()
    {
        while (true)
        {
            if (PduFramer.TryRead(buffer.Bytes, FramingLimits.Login, out _, out FramingOutcome outcome)) return outcome.ConsumedBytes;
            if (outcome.Error != FramingError.None) throw new ConnectionException(EndReason.PduTooLong, $"in the login: {outcome.Error}");
            int received = await channel.ReceiveAsync(buffer.GetRoom(outcome.MissingBytes));
            if (received == 0) throw new ConnectionException(EndReason.PeerClosed, "closed during the login");
            buffer.Add(received);
        }
    }

    private LoginState Treat(int length)
    {
        _ = PduFramer.TryRead(buffer.Bytes, FramingLimits.Login, out PduFrame frame, out _);
        LoginState state = _login.Receive(frame.Bhs, frame.Data);
        buffer.Consume(length);
        return state == LoginState.AwaitingAdmission ? _login.Admit(Decide(_login.Identity!)) : state;
    }

    private LoginAdmission Decide(LoginIdentity identity)
    {
        if (services.IsDraining) return LoginAdmission.Refuse(LoginStatus.ServiceUnavailable);
        _initiator = new InitiatorIdentity(identity.InitiatorName, channel.RemoteEndPoint?.Address, channel.LocalEndPoint);
        if (identity.SessionType == SessionType.Discovery)
        {
            _settings = TargetSettings.ForDiscovery(services.Settings);
            return LoginAdmission.Accept(_settings.Negotiation, ChapAccounts.Require(services.Engine.DiscoveryAuthentication, _settings.Chap), null);
        }

        // A target that does not admit the initiator is not there for it, as in SendTargets.
        _target = services.Engine.FindTarget(identity.TargetName!);
        if (_target is null || !_target.Admits(_initiator)) return LoginAdmission.Refuse(LoginStatus.NotFound);
        if (!TargetSettings.TryCreate(_target.Options, services.Settings, out _settings, out string problem))
        {
            Log.TargetMisconfigured(services.Logger, _target.Name, problem);
            return LoginAdmission.Refuse(LoginStatus.TargetError);
        }

        return _settings.Redirect is { } movedTo
            ? LoginAdmission.Redirect(movedTo, _settings.RedirectPermanent)
            : LoginAdmission.Accept(
                _settings.Negotiation, ChapAccounts.Require(_target.Authentication, _settings.Chap), connection.PortalGroupTag, _settings.Alias);
    }

    private async Task<LoginState> MakeSessionAsync()
    {
        LoginIdentity identity = _login.Identity!;
        bool discovery = identity.SessionType == SessionType.Discovery;
        SessionKey key = new(identity.InitiatorName, identity.Isid, discovery ? string.Empty : identity.TargetName!, connection.PortalGroupTag);
        Session? predecessor = null;
        if (!identity.IsLeading)
        {
            predecessor = services.Sessions.Find(identity.Tsih);
            if (discovery || predecessor?.Parameters is null || predecessor.Key != key) return _login.Fail(LoginStatus.SessionDoesNotExist);
            if (predecessor.ConnectionId != identity.Cid) return _login.Fail(LoginStatus.TooManyConnections);
        }

        Session? session;
        while (!services.Sessions.TryAdd(key, identity.Tsih, connection, identity.Cid, out session, out Session? existing))
        {
            if (existing is null) return _login.Fail(LoginStatus.OutOfResources);

            // Session reinstatement, or connection reinstatement of the only connection (RFC 7143 sections 6.3.4 and 6.3.5).
            existing.Connection.End(EndReason.Reinstated, "the initiator logged in anew");
            await EndOfAsync(existing);
        }

        _session = session;
        connection.Session = session;
        if (!discovery) await EndOfClosedSessionsAsync(session);
        _parameters = Negotiated(_login.Negotiator!, predecessor?.Parameters);
        if (!discovery && !TryOpenNexus(session)) return _login.Fail(LoginStatus.NotFound);
        if (discovery) _depth = _settings!.MaxQueueDepth;
        session.Parameters = _parameters;
        session.InitiatorAlias = _login.Negotiator!.ToSessionParameters().PeerAlias;
        _window = new CommandWindow(identity.CmdSN, _depth);
        return _login.Complete(session.Tsih);
    }

    /// <summary>
    /// An initiator that has closed a session and comes back under another ISID shall find its nexus lost, with reservations, prevented removal and all that
    /// goes with it: in the order of its own doings, not in that of our threads.
    /// </summary>
    private async Task EndOfClosedSessionsAsync(Session session)
    {
        foreach (Session other in services.Sessions.Snapshot())
        {
            // One that is still in its login may be here itself, and there is nothing of it to be lost.
            bool related = other.InitiatorName == session.InitiatorName && other.TargetName == session.TargetName && other.Connection.IsLoggedIn;
            if (related && other.Connection.PeerHasClosed) await EndOfAsync(other);
        }
    }

    private async Task EndOfAsync(Session predecessor)
    {
        await Task.WhenAny(predecessor.Ended, connection.Aborted);
        if (connection.Aborted.IsCompleted) throw new IOException("the connection ended while its predecessor was closed");
    }

    /// <summary>
    /// The engine is asked for twice the depth: a command's place in the window is free again with the PDU that answers it, but its record only when that
    /// PDU has been sent.
    /// </summary>
    private bool TryOpenNexus(Session session)
    {
        Span<byte> isid = stackalloc byte[Isid.Length];
        session.Key.Isid.Write(isid);
        TransportId port = TransportId.ForIscsi(session.InitiatorName, isid);
        int wanted = (2 * _settings!.MaxQueueDepth) + ImmediateCommands;
        INexus? nexus = _target!.OpenNexus(new NexusRequest(_initiator!, port, connection.PortalGroupTag, connection, wanted) { SessionId = session.Tsih });
        if (nexus is null) return false;
        session.Nexus = nexus;
        _depth = Math.Clamp((nexus.MaxCommands - ImmediateCommands) / 2, 1, _settings.MaxQueueDepth);
        return true;
    }

    private static NegotiatedParameters Negotiated(Negotiator negotiator, NegotiatedParameters? predecessor)
    {
        SessionParameters session = negotiator.ToSessionParameters();
        Protocol.Negotiation.ConnectionParameters own = negotiator.ToConnectionParameters();
        return new NegotiatedParameters
        {
            HeaderDigest = own.HeaderDigest,
            DataDigest = own.DataDigest,
            SendLimit = own.MaxSendDataSegmentLength,
            ReceiveLimit = own.MaxRecvDataSegmentLength,
            MaxBurstLength = predecessor?.MaxBurstLength ?? session.MaxBurstLength,
            FirstBurstLength = predecessor?.FirstBurstLength ?? session.FirstBurstLength,
            InitialR2T = predecessor?.InitialR2T ?? session.InitialR2T,
            ImmediateData = predecessor?.ImmediateData ?? session.ImmediateData,
            MaxOutstandingR2T = predecessor?.MaxOutstandingR2T ?? session.MaxOutstandingR2T,
            Time2Wait = predecessor?.Time2Wait ?? (ushort)session.DefaultTime2Wait,
            Time2Retain = predecessor?.Time2Retain ?? (ushort)session.DefaultTime2Retain,
            ProtocolLevel = predecessor?.ProtocolLevel ?? session.ProtocolLevel,
        };
    }

    private async Task<LoginState> RespondAsync()
    {
        byte[] pdu = WriteResponse();
        _list.Clear();
        _list.Add(DataSegment.FromMemory(pdu));
        await channel.SendAsync(_list);
        return _login.State;
    }

    private byte[] WriteResponse()
    {
        uint cmdSN = _login.Identity?.CmdSN ?? 0;
        TargetSequence sequence = new(_statSN++, _window?.ExpCmdSN ?? cmdSN, _window?.MaxCmdSN ?? cmdSN);
        Span<byte> bhs = stackalloc byte[BasicHeader.Length];
        ReadOnlySpan<byte> text = _login.WriteResponse(bhs, sequence).Span;
        PduLayout layout = PduLayout.Create(0, text.Length, headerDigest: false, dataDigest: false);
        byte[] pdu = new byte[layout.TotalLength];
        bhs.CopyTo(pdu);
        text.CopyTo(pdu.AsSpan(BasicHeader.Length));
        return pdu;
    }
}
