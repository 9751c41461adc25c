using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Output;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>
/// Logout (RFC 7143 sections 11.14 and 11.15). The answer that closes is sent only after the commands of the session have ended, so that an initiator
/// that reads it finds nothing of them left.
/// </summary>
internal sealed class LogoutHandler(FullFeatureContext context, Rejector rejector)
{
    private ControlPdu? _farewell;

    /// <summary>Treats a Logout Request.</summary>
    public void Handle(in IncomingPdu pdu)
    {
        LogoutRequestHeader header = new(pdu.Bhs);
        bool numbered = !pdu.Basic.IsImmediate;
        switch (header.Reason)
        {
            case LogoutReason.CloseSession:
            case LogoutReason.CloseConnection when header.Cid == context.ConnectionId:
                _farewell = Answer(header, numbered, LogoutResponseCode.Closed);
                context.Control.EndGracefully(EndReason.Logout, header.Reason.ToString());
                return;
            case LogoutReason.CloseConnection:
                context.Pump.AddControl(Answer(header, numbered, LogoutResponseCode.CidNotFound));
                return;
            case LogoutReason.RemoveConnectionForRecovery:
                context.Pump.AddControl(Answer(header, numbered, LogoutResponseCode.RecoveryNotSupported));
                return;
            default:
                rejector.Reject(pdu.Bhs, RejectReason.InvalidPduField, numbered);
                return;
        }
    }

    /// <summary>The commands have ended: sends the answer that closes, if one is due.</summary>
    public void SendFarewell()
    {
        if (_farewell is not { } farewell) return;
        _farewell = null;
        context.Pump.AddControl(farewell);
    }

    private ControlPdu Answer(in LogoutRequestHeader header, bool numbered, LogoutResponseCode code)
    {
        ControlPdu answer = new(context.Pump, ControlEffect.TakesStatSN | (numbered ? ControlEffect.OpensWindow : ControlEffect.None));
        LogoutResponseWriter.Write(
            answer.Header, code, header.InitiatorTaskTag, default, context.Parameters.Time2Wait, context.Parameters.Time2Retain);
        return answer;
    }
}
