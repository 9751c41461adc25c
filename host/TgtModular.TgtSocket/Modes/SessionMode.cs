using TgtModular.Tgt.Protocol;
using TgtModular.TgtSocket.Model;
using TgtModular.TgtSocket.Rendering;
using TgtModular.Transports;

namespace TgtModular.TgtSocket.Modes;

/// <summary>Sessions: their counters.</summary>
internal sealed class SessionMode : IModeHandler
{
    public ValueTask<ManagementResponse> HandleAsync(Call call, CancellationToken cancellationToken)
    {
        if (call.Request.Operation != ManagementOperation.Stat) return Answers.Now(ManagementError.InvalidRequest);
        if (Find(call) is not ({ } target, { } session)) return Answers.Now(ManagementError.NoSession);
        string rows = StatText.Rows(call, [target], sessionId: session.SessionId, descending: true);
        return Answers.Now(Answers.Text($"{rows}\n{StatText.Connections(session)}"));
    }

    /// <summary>The session of the request with its target.</summary>
    public static (TgtTarget? Target, SessionDescription? Session) Find(Call call)
    {
        foreach (TgtTarget target in call.Model.Targets.Where(target => target.Driver == call.DriverName))
        {
            if (call.SessionsOf(target).FirstOrDefault(session => session.SessionId == call.Request.SessionId) is { } session) return (target, session);
        }

        return (null, null);
    }
}
