using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.State;
using TgtModular.Devices;
using TgtModular.Tgt.Protocol;
using TgtModular.TgtSocket.Model;
using TgtModular.TgtSocket.Rendering;

namespace TgtModular.TgtSocket.Modes;

/// <summary>Logical units: made, removed, changed, counted.</summary>
internal sealed class LogicalUnitMode(UnitBuilder builder, UnitOperations units) : IModeHandler
{
    private const long DefaultBlockLength = 512;
    private const long LongestBlock = 65536;

    public ValueTask<ManagementResponse> HandleAsync(Call call, CancellationToken cancellationToken)
    {
        TgtTarget? target = call.Target;
        switch (call.Request.Operation)
        {
            case ManagementOperation.New:
                return target is null ? Answers.Now(Answers.NoTarget) : NewAsync(call, target, cancellationToken);
            case ManagementOperation.Delete:
                return target is null ? Answers.Now(ManagementError.NoLogicalUnit) : DeleteAsync(call, target, cancellationToken);
            case ManagementOperation.Update:
                return target is null ? Answers.Now(Answers.NoTarget) : UpdateAsync(call, target, cancellationToken);
            case ManagementOperation.Stat:
                return Answers.Now(target is null ? Answers.NoTarget : Stat(call, target));
            default:
                return Answers.Now(ManagementError.InvalidRequest);
        }
    }

    private static ManagementResponse Stat(Call call, TgtTarget target) => TargetText.HasLun(call, target, call.Request.Lun)
        ? Answers.Text(StatText.Rows(call, [target], call.Request.Lun))
        : new ManagementResponse(ManagementError.NoLogicalUnit);

    private async ValueTask<ManagementResponse> NewAsync(Call call, TgtTarget target, CancellationToken cancellationToken)
    {
        if (target.IsForeign) return Answers.Invalid;
        ulong lun = call.Request.Lun;
        if (TargetText.HasLun(call, target, lun)) return new ManagementResponse(ManagementError.LogicalUnitExists);
        if (Read(call, target, lun) is not { } request) return Answers.Invalid;
        (ControlResult result, TgtUnit? unit) = await units.CreateAsync(call, target, request, cancellationToken);
        if (unit is not null) target.Units.Add(lun, unit);
        return call.Answer(result, ManagementError.InvalidRequest);
    }

    /// <summary>What is asked for; null when it cannot be had.</summary>
    private UnitRequest? Read(Call call, TgtTarget target, ulong lun)
    {
        RequestBody body = call.Body;
        if (!UnitBuilder.IsLun(lun) || call.Request.DeviceType != (uint)ManagementDeviceType.Disk) return null;
        string type = body.Find(RequestBody.StoreType) ?? UnitBuilder.ReadWrite;
        string flags = body.Find(RequestBody.StoreFlags) ?? "";
        if (builder.StoreTypes().All(known => known.Name != type) || !UnitBuilder.AreFlagsKnown(type, flags)) return null;
        if (body.Find(RequestBody.Path) is not { } path) return null;
        FileIdentity? file = type == UnitBuilder.Null ? null : FileIdentity.Of(path);
        long block = DefaultBlockLength;
        if (body.Find(RequestBody.BlockSize) is { } given) block = CNumber.Read(given);
        if (block is < DefaultBlockLength or > LongestBlock || !long.IsPow2(block)) return null;
        return new UnitRequest(target.Id, target.Key, lun, type, path, flags, block, file, Lock: !IsTaken(call, file));
    }

    /// <summary>tgt lets one file stand behind several units, by whatever names; only the first of them locks it.</summary>
    private static bool IsTaken(Call call, FileIdentity? file, TgtUnit? except = null) =>
        file is not null && call.Model.Targets.Any(target => target.Units.Values.Any(unit => unit.File == file && unit != except));

    private static async ValueTask<ManagementResponse> DeleteAsync(Call call, TgtTarget target, CancellationToken cancellationToken)
    {
        if (call.Request.Lun == 0 && !target.Units.ContainsKey(0)) return Answers.Invalid;
        if (!TargetText.HasLun(call, target, call.Request.Lun)) return new ManagementResponse(ManagementError.NoLogicalUnit);
        if (!target.Units.TryGetValue(call.Request.Lun, out TgtUnit? unit)) return Answers.Invalid;
        ControlResult result = await UnitOperations.RemoveAsync(call, target, unit, idleOnly: call.Request.Force == 0, cancellationToken);
        if (result.IsOk) _ = target.Units.Remove(unit.Lun);
        return call.Answer(result, ManagementError.LogicalUnitActive);
    }

    /// <summary>Sets parameters one after the other; the first that cannot be set ends it, those before it stay.</summary>
    private async ValueTask<ManagementResponse> UpdateAsync(Call call, TgtTarget target, CancellationToken cancellationToken)
    {
        if (!TargetText.HasLun(call, target, call.Request.Lun)) return new ManagementResponse(ManagementError.NoLogicalUnit);
        if (!target.Units.TryGetValue(call.Request.Lun, out TgtUnit? unit)) return new ManagementResponse(ManagementError.Unsupported);
        UnitSpec identified = unit.Unit;
        ManagementResponse answer = ManagementResponse.Done;
        foreach ((string name, string? given) in call.Body.Parameters)
        {
            (UnitParameter? parameter, string? value) = UnitParameter.Find(name, given);
            if (parameter is null || string.IsNullOrEmpty(value)) answer = Answers.Invalid;
            else if (parameter.Kind == UnitParameterKind.Identity) answer = Identify(parameter, value, ref identified);
            else if (parameter.Kind == UnitParameterKind.Fixed) identified = parameter.Optioned(identified, value);
            else if (parameter.Kind == UnitParameterKind.Path) answer = await ChangePathAsync(call, target, unit, value, cancellationToken);
            else answer = await SetAsync(call, unit, parameter, value, keep => identified = keep(identified), cancellationToken);
            if (answer.Error != ManagementError.None) break;
        }

        if (identified == unit.Unit) return answer;
        ControlResult result = await UnitOperations.RenewAsync(call, target, unit, identified, cancellationToken);
        return result.IsOk ? answer : call.Answer(result, ManagementError.InvalidRequest);
    }

    private static ManagementResponse Identify(UnitParameter parameter, string value, ref UnitSpec identified)
    {
        if (parameter.Identify(identified, value) is not { } changed) return Answers.Invalid;
        identified = changed;
        return ManagementResponse.Done;
    }

    private static async ValueTask<ManagementResponse> SetAsync(
        Call call, TgtUnit unit, UnitParameter parameter, string value, Action<Func<UnitSpec, UnitSpec>> keep, CancellationToken cancellationToken)
    {
        string text = parameter.Kind == UnitParameterKind.ModePage ? value : parameter.Text(value);
        if (parameter.Name == UnitParameter.Online && text == "0" && Condition(call, unit) is { RemovalPrevented: true })
            return new ManagementResponse(ManagementError.PreventRemoval);
        ControlResult result = await call.Engine.SetUnitParameterAsync(unit.Unit.Name, parameter.Name, text, cancellationToken);
        if (!result.IsOk) return call.Answer(result, ManagementError.InvalidRequest);
        if (parameter.Kind == UnitParameterKind.Setting) unit.Settings[parameter.Name] = text;
        if (parameter.Kind == UnitParameterKind.ModePage) unit.ModePages.Add(value);
        if (parameter.Kind == UnitParameterKind.Option)
        {
            // The running unit has the value already: only what a new one would be made of changes.
            UnitSpec changed = parameter.Optioned(unit.Unit, value);
            UnitSpec before = unit.Unit;
            unit.Unit = changed;
            keep(pending => ReferenceEquals(pending, before) ? changed : parameter.Optioned(pending, value));
        }

        return ManagementResponse.Done;
    }

    /// <summary>Another medium, in a unit that was taken offline: it is removable and online from then on.</summary>
    private async ValueTask<ManagementResponse> ChangePathAsync(
        Call call, TgtTarget target, TgtUnit unit, string value, CancellationToken cancellationToken)
    {
        if (Condition(call, unit) is not { Online: false } condition || unit.StoreType == UnitBuilder.Null) return Answers.Invalid;
        if (condition.RemovalPrevented) return new ManagementResponse(ManagementError.PreventRemoval);
        if (!File.Exists(value) || FileIdentity.Of(value) is not { } file) return Answers.Invalid;
        long block = unit.Unit.Options.GetInteger("block_size");
        var request = new UnitRequest(
            target.Id, target.Key, unit.Lun, unit.StoreType, value, unit.Flags, block, file, Lock: !IsTaken(call, file, except: unit));
        if (!builder.TryBuildStore(request, readOnly: false, out StoreSpec? store)) return Answers.Invalid;
        UnitSpec changed = UnitParameter.Find("removable")!.Optioned(unit.Unit, "1");
        string? online = unit.Settings.GetValueOrDefault(UnitParameter.Online);
        _ = unit.Settings.Remove(UnitParameter.Online);
        ControlResult result = await UnitOperations.ReplaceAsync(call, target, unit, changed, store with { Name = unit.Store.Name }, cancellationToken);
        if (result.IsOk) (unit.Path, unit.File) = (value, file);
        else if (online is not null) unit.Settings[UnitParameter.Online] = online;
        return call.Answer(result, ManagementError.InvalidRequest);
    }

    private static UnitCondition? Condition(Call call, TgtUnit unit) =>
        call.Engine.GetSnapshot().Units.FirstOrDefault(status => status.Spec.Name == unit.Unit.Name)?.Condition;
}
