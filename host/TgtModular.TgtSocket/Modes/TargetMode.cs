using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Tgt.Protocol;
using TgtModular.TgtSocket.Model;
using TgtModular.TgtSocket.Rendering;
using TgtModular.Transports;

namespace TgtModular.TgtSocket.Modes;

/// <summary>Targets: made, removed, shown, changed, bound to initiators.</summary>
internal sealed class TargetMode : IModeHandler
{
    private static readonly string[] NameTypes = ["iqn.", "eui.", "naa."];

    public ValueTask<ManagementResponse> HandleAsync(Call call, CancellationToken cancellationToken)
    {
        switch (call.Request.Operation)
        {
            case ManagementOperation.New:
                return NewAsync(call, cancellationToken);
            case ManagementOperation.Show when call.Request.TargetId == ManagementRequest.NoTarget:
                return Answers.Now(Answers.Text(TargetText.Render(call, call.Model.Targets)));
        }

        if (call.Target is not { } target) return Answers.Now(Answers.NoTarget);
        switch (call.Request.Operation)
        {
            case ManagementOperation.Show:
                return Answers.Now(Answers.Text(call.IsNetworked(target) ? string.Concat(target.Parameters.Lines().Select(line => line + "\n")) : ""));
            case ManagementOperation.Stat:
                return Answers.Now(Answers.Text(StatText.Rows(call, [target])));
        }

        if (target.IsForeign) return Answers.Now(ManagementError.InvalidRequest);
        return call.Request.Operation switch
        {
            ManagementOperation.Delete => DeleteAsync(call, target, cancellationToken),
            ManagementOperation.Update => UpdateAsync(call, target, cancellationToken),
            ManagementOperation.Bind => BindAsync(call, target, cancellationToken),
            ManagementOperation.Unbind => UnbindAsync(call, target, cancellationToken),
            _ => Answers.Now(ManagementError.InvalidRequest),
        };
    }

    /// <summary>A name that an initiator can ask for: what no login could ever reach is refused.</summary>
    private static bool IsReachable(string name) =>
        name.Length <= 223 && NameTypes.Any(type => name.StartsWith(type, StringComparison.OrdinalIgnoreCase)) && name.Length > 4
        && name.All(character => character > '~' ? char.IsLetterOrDigit(character) : char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or ':' or '_');

    /// <summary>True for a name that the transport can serve; what is wrong with others is logged.</summary>
    private static bool IsName(Call call, ITransportFactory factory, string name)
    {
        if (factory.IsNetworked) return IsReachable(name);
        if (factory.TryNormalizeTargetName(name, out _, out string problem)) return true;
        FaceLog.Refused(call.Context.Logger, call.Request.Mode, call.Request.Operation, $"'{name}': {problem}");
        return false;
    }

    private static async ValueTask<ManagementResponse> NewAsync(Call call, CancellationToken cancellationToken)
    {
        int id = call.Request.TargetId;
        if (id <= 0 || call.Body.Find(RequestBody.TargetName) is not { } name) return Answers.Invalid;
        if (call.Target is not null) return new ManagementResponse(ManagementError.TargetExists);
        if (call.FindFactory(call.DriverName) is not { } factory) return new ManagementResponse(ManagementError.NoDriver);
        if (!IsName(call, factory, name)) return Answers.Invalid;
        var target = new TgtTarget(id, name, name, call.DriverName);
        if (call.Seen(target, target.Parameters) is not { } seen) return new ManagementResponse(ManagementError.NoDriver);
        var spec = new TargetSpec(target.Key)
        {
            Transports = [seen],
            Online = !call.Model.Offline,
            ControllerSerial = UnitBuilder.Serial(id, 0),
            ControllerScsiId = UnitBuilder.ScsiId(id, 0),
        };
        ControlResult result = await call.Engine.AddTargetAsync(spec, Owner.Runtime, cancellationToken);
        if (result.IsOk) call.Model.Add(target);
        return call.Answer(result, result.Error == ControlError.Exists ? ManagementError.TargetExists : ManagementError.InvalidRequest);
    }

    private static async ValueTask<ManagementResponse> DeleteAsync(Call call, TgtTarget target, CancellationToken cancellationToken)
    {
        bool force = call.Request.Force != 0;
        ControlResult result = await call.Engine.RemoveTargetAsync(target.Key, force, cancellationToken);
        if (!result.IsOk && result.Error != ControlError.NotFound)
            return call.Answer(result, result.Error == ControlError.InUse ? ManagementError.TargetActive : ManagementError.Unknown);
        call.Model.Remove(target);
        foreach (TgtUnit unit in target.Units.Values) await UnitOperations.CloseAsync(call, unit, cancellationToken);
        return ManagementResponse.Done;
    }

    private static async ValueTask<ManagementResponse> UpdateAsync(Call call, TgtTarget target, CancellationToken cancellationToken)
    {
        (string? name, string? value) = ParameterText.Read(call.Request.Body);
        if (name is null || value is null) return Answers.Invalid;
        if (name == "state") return await SetStateAsync(call, target, value, cancellationToken);
        if (!call.IsNetworked(target)) return new ManagementResponse(ManagementError.Unsupported); // they are parameters of sessions that it has not
        TargetParameters changed = target.Parameters.Copy();
        ManagementError error = changed.Set(name, value);
        if (error != ManagementError.None) return new ManagementResponse(error);
        if (call.Seen(target, changed) is not { } seen) return new ManagementResponse(ManagementError.NoDriver);
        ControlResult result = await call.Engine.ChangeTargetAsync(target.Key, new TargetChange { SetTransports = [seen] }, cancellationToken);
        if (result.IsOk) target.Parameters = changed;
        return call.Answer(result, ManagementError.InvalidRequest);
    }

    private static async ValueTask<ManagementResponse> SetStateAsync(Call call, TgtTarget target, string value, CancellationToken cancellationToken)
    {
        if (value is not ("offline" or "ready")) return Answers.Invalid;
        bool offline = value == "offline";
        ControlResult result = await call.Engine.ChangeTargetAsync(target.Key, new TargetChange { Online = !offline && !call.Model.Offline }, cancellationToken);
        if (result.IsOk) target.Offline = offline;
        return call.Answer(result, ManagementError.Unknown);
    }

    private static async ValueTask<ManagementResponse> BindAsync(Call call, TgtTarget target, CancellationToken cancellationToken)
    {
        string? address = call.Body.Find(RequestBody.InitiatorAddress);
        string? name = call.Body.Find(RequestBody.InitiatorName);
        if (address is null && name is null) return Answers.Invalid;
        AddressPattern? pattern = address is null ? null : TgtAddress.Parse(address);
        if (address is not null && (pattern is null || (pattern != AddressPattern.All && !call.IsNetworked(target)))) return Answers.Invalid;
        if ((address is null || target.Addresses.Contains(address)) && (name is null || target.Initiators.Contains(name)))
            return new ManagementResponse(ManagementError.AccessRuleExists);
        int addresses = target.Addresses.Count;
        int names = target.Initiators.Count;
        if (address is not null && !target.Addresses.Contains(address)) target.Addresses.Add(address);
        if (name is not null && !target.Initiators.Contains(name)) target.Initiators.Add(name);
        ControlResult result = await call.Engine.ChangeTargetAsync(target.Key, new TargetChange { Access = target.Access }, cancellationToken);
        if (result.IsOk) return ManagementResponse.Done;
        target.Addresses.RemoveRange(addresses, target.Addresses.Count - addresses);
        target.Initiators.RemoveRange(names, target.Initiators.Count - names);
        return call.Answer(result, ManagementError.Unknown);
    }

    private static async ValueTask<ManagementResponse> UnbindAsync(Call call, TgtTarget target, CancellationToken cancellationToken)
    {
        string? address = call.Body.Find(RequestBody.InitiatorAddress);
        string? name = call.Body.Find(RequestBody.InitiatorName);
        if (address is null && name is null) return Answers.Invalid;
        if ((address is not null && !target.Addresses.Contains(address)) || (name is not null && !target.Initiators.Contains(name)))
            return new ManagementResponse(ManagementError.NoAccessRule);
        if (address is not null) _ = target.Addresses.Remove(address);
        if (name is not null) _ = target.Initiators.Remove(name);
        ControlResult result = await call.Engine.ChangeTargetAsync(target.Key, new TargetChange { Access = target.Access }, cancellationToken);
        return call.Answer(result, ManagementError.Unknown);
    }
}
