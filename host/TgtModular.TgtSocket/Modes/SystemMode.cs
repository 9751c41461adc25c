using TgtModular.Core.Control;
using TgtModular.Tgt.Protocol;
using TgtModular.TgtSocket.Model;
using TgtModular.TgtSocket.Rendering;

namespace TgtModular.TgtSocket.Modes;

/// <summary>The daemon: what it can do, its state, its end.</summary>
internal sealed class SystemMode(UnitBuilder units) : IModeHandler
{
    public bool NeedsDriver(ManagementOperation operation) => false;

    public ValueTask<ManagementResponse> HandleAsync(Call call, CancellationToken cancellationToken) => call.Request.Operation switch
    {
        ManagementOperation.Show => Answers.Now(Answers.Text(SystemText.Render(call, units))),
        ManagementOperation.Stat => Answers.Now(Answers.Text(StatText.Rows(call, call.Model.Targets))),
        ManagementOperation.Update => UpdateAsync(call, cancellationToken),
        ManagementOperation.Delete => Answers.Now(Delete(call)),
        _ => Answers.Now(ManagementError.InvalidRequest),
    };

    /// <summary>The daemon ends only when nothing is served any more.</summary>
    private static ManagementResponse Delete(Call call)
    {
        if (call.Model.Targets.Count > 0) return Answers.Invalid;
        call.Context.RequestStop();
        return ManagementResponse.Done;
    }

    private static async ValueTask<ManagementResponse> UpdateAsync(Call call, CancellationToken cancellationToken)
    {
        switch (ParameterText.Read(call.Request.Body))
        {
            case ("State", "offline" or "ready") state:
                return await SetStateAsync(call, state.Value == "offline", cancellationToken);
            case ("debug", "on" or "off") debug:
                call.Model.Debug = debug.Value == "on";
                call.Context.SetDebug(call.Model.Debug);
                return ManagementResponse.Done;
            default:
                return Answers.Invalid;
        }
    }

    private static async ValueTask<ManagementResponse> SetStateAsync(Call call, bool offline, CancellationToken cancellationToken)
    {
        foreach (TgtTarget target in call.Model.Targets.Where(target => !target.IsForeign))
        {
            ControlResult result = await call.Engine.ChangeTargetAsync(
                target.Key, new TargetChange { Online = !offline && !target.Offline }, cancellationToken);
            if (!result.IsOk) return call.Answer(result, ManagementError.Unknown);
        }

        call.Model.Offline = offline;
        return ManagementResponse.Done;
    }
}
