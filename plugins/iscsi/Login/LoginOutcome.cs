using TgtModular.Iscsi.Configuration;
using TgtModular.Iscsi.FullFeature;
using TgtModular.Iscsi.Protocol.Negotiation;
using TgtModular.Iscsi.Sessions;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Login;

/// <summary>A login that succeeded.</summary>
/// <param name="Session">The session.</param>
/// <param name="Initiator">The initiator.</param>
/// <param name="Settings">Options of its target.</param>
/// <param name="Parameters">What was negotiated.</param>
/// <param name="Negotiator">Goes on in full feature phase.</param>
/// <param name="Window">The command window.</param>
/// <param name="Depth">Commands under way at most.</param>
/// <param name="NextStatSN">StatSN of the next response.</param>
internal sealed record LoginOutcome(
    Session Session, InitiatorIdentity Initiator, TargetSettings Settings, NegotiatedParameters Parameters, Negotiator Negotiator,
    CommandWindow Window, int Depth, uint NextStatSN);
