using TgtModular.Iscsi.Output;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>Asynchronous messages (RFC 7143 section 11.9).</summary>
internal sealed class AsyncMessages(FullFeatureContext context)
{
    /// <summary>Asks the initiator to log out.</summary>
    /// <param name="seconds">Within this time.</param>
    public void RequestLogout(ushort seconds) => Send(AsyncEvent.LogoutRequest, 0, 0, seconds);

    /// <summary>Announces that the connection, and with it the session, will be dropped.</summary>
    public void AnnounceDrop() =>
        Send(AsyncEvent.SessionDrop, 0, context.Parameters.Time2Wait, context.Parameters.Time2Retain);

    private void Send(AsyncEvent asyncEvent, ushort parameter1, ushort parameter2, ushort parameter3)
    {
        ControlPdu message = new(context.Pump, ControlEffect.TakesStatSN);
        AsyncMessageWriter.Write(
            message.Header, asyncEvent, default, parameter1: parameter1, parameter2: parameter2, parameter3: parameter3);
        context.Pump.AddControl(message);
    }
}
