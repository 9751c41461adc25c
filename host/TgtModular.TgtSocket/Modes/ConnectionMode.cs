using TgtModular.Core.Control;
using TgtModular.Tgt.Protocol;
using TgtModular.TgtSocket.Model;
using TgtModular.TgtSocket.Rendering;
using TgtModular.Transports;

namespace TgtModular.TgtSocket.Modes;

/// <summary>Connections: shown, counted, closed.</summary>
internal sealed class ConnectionMode : IModeHandler
{
    public ValueTask<ManagementResponse> HandleAsync(Call call, CancellationToken cancellationToken)
    {
        switch (call.Request.Operation)
        {
            case ManagementOperation.Stat:
                return Answers.Now(SessionMode.Find(call).Session is { } counted
                    ? Answers.Text(StatText.Connections(counted))
                    : new ManagementResponse(ManagementError.NoSession));
            case ManagementOperation.Show:
                return Answers.Now(call.Target is { } shown ? Answers.Text(TargetText.Connections(call.SessionsOf(shown))) : Answers.NoTarget);
            case ManagementOperation.Delete:
                return call.Target is { } target ? CloseAsync(call, target, cancellationToken) : Answers.Now(Answers.NoTarget);
            default:
                return Answers.Now(ManagementError.InvalidRequest);
        }
    }

    private static async ValueTask<ManagementResponse> CloseAsync(Call call, TgtTarget target, CancellationToken cancellationToken)
    {
        SessionDescription? session = call.SessionsOf(target).FirstOrDefault(session => session.SessionId == call.Request.SessionId);
        if (session is null) return new ManagementResponse(ManagementError.NoSession);
        if (session.Connections.All(connection => connection.ConnectionId != call.Request.ConnectionId))
            return new ManagementResponse(ManagementError.NoConnection);
        ControlResult result = await call.Engine.CloseSessionAsync(target.Driver, session.SessionId, call.Request.ConnectionId, cancellationToken);
        return call.Answer(result, ManagementError.NoConnection);
    }
}
