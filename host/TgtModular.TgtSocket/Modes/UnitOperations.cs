using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.TgtSocket.Model;

namespace TgtModular.TgtSocket.Modes;

/// <summary>Units with their stores: opened, closed, made anew under the same number.</summary>
internal sealed class UnitOperations(UnitBuilder builder)
{
    /// <summary>Opens store and unit and maps them. Nothing stays behind when that fails.</summary>
    public static async ValueTask<ControlResult> OpenAsync(Call call, TgtTarget target, TgtUnit unit, CancellationToken cancellationToken)
    {
        ControlResult result = await call.Engine.AddStoreAsync(unit.Store, Owner.Runtime, cancellationToken);
        if (!result.IsOk) return result;
        result = await OpenUnitAsync(call, target, unit, cancellationToken);
        if (!result.IsOk) _ = await call.Engine.RemoveStoreAsync(unit.Store.Name, force: false, CancellationToken.None);
        return result;
    }

    /// <summary>
    /// A store as a request wants it: one that cannot be written is opened for reading, and the unit is read-only then.
    /// </summary>
    public async ValueTask<(ControlResult Result, TgtUnit? Unit)> CreateAsync(Call call, TgtTarget target, UnitRequest request, CancellationToken cancellationToken)
    {
        ControlResult result = new(ControlError.NoPlugin, $"no plugin serves a disk on a backing store of type {request.StoreType}");
        foreach (bool readOnly in (bool[])[false, true])
        {
            if (!builder.TryBuildStore(request, readOnly, out StoreSpec? store) || !builder.TryBuildUnit(request, out UnitSpec? spec)) break;
            if (readOnly && request.StoreType == UnitBuilder.Null) break;
            var unit = new TgtUnit
            {
                Lun = request.Lun,
                Store = store,
                Unit = spec,
                StoreType = request.StoreType,
                Path = request.Path,
                File = request.File,
                Flags = UnitBuilder.NormaliseFlags(request.Flags),
            };
            if (!readOnly) await RemoveLeftoverAsync(call, unit, cancellationToken);
            ControlResult tried = await OpenAsync(call, target, unit, cancellationToken);
            if (tried.IsOk) return (tried, unit);
            if (!readOnly) result = tried; // what was wrong with the first attempt is what matters
            if (request.StoreType != UnitBuilder.Null && !File.Exists(request.Path)) break;
        }

        return (result, null);
    }

    /// <summary>Takes a unit out of its target and closes it.</summary>
    public static async ValueTask<ControlResult> RemoveAsync(
        Call call, TgtTarget target, TgtUnit unit, bool idleOnly, CancellationToken cancellationToken)
    {
        ControlResult result = await UnmapAsync(call, target, unit, idleOnly, cancellationToken);
        if (result.IsOk) await CloseAsync(call, unit, cancellationToken);
        return result;
    }

    /// <summary>Closes a unit that no target maps.</summary>
    public static async ValueTask CloseAsync(Call call, TgtUnit unit, CancellationToken cancellationToken)
    {
        Tell(call, await call.Engine.RemoveUnitAsync(unit.Unit.Name, force: true, cancellationToken));
        Tell(call, await call.Engine.RemoveStoreAsync(unit.Store.Name, force: false, cancellationToken));
    }

    /// <summary>
    /// Makes a unit anew with another identity, on its store as that is open: the name of the file may mean another one by now, or none. Its initiators
    /// learn of it by unit attention. If that fails, the old one comes back.
    /// </summary>
    public static async ValueTask<ControlResult> RenewAsync(
        Call call, TgtTarget target, TgtUnit unit, UnitSpec specification, CancellationToken cancellationToken)
    {
        UnitSpec old = unit.Unit;
        ControlResult result = await UnmapAsync(call, target, unit, idleOnly: false, cancellationToken);
        if (!result.IsOk) return result;
        Tell(call, await call.Engine.RemoveUnitAsync(old.Name, force: true, cancellationToken));
        unit.Unit = specification;
        result = await OpenUnitAsync(call, target, unit, cancellationToken);
        if (result.IsOk) return result;
        unit.Unit = old;
        Tell(call, await OpenUnitAsync(call, target, unit, cancellationToken));
        return result;
    }

    /// <summary>Makes a unit anew on another store: its initiators learn of it by unit attention. If that fails, the old one comes back.</summary>
    public static async ValueTask<ControlResult> ReplaceAsync(
        Call call, TgtTarget target, TgtUnit unit, UnitSpec specification, StoreSpec store, CancellationToken cancellationToken)
    {
        (UnitSpec oldUnit, StoreSpec oldStore) = (unit.Unit, unit.Store);
        ControlResult result = await RemoveAsync(call, target, unit, idleOnly: false, cancellationToken);
        if (!result.IsOk) return result;
        (unit.Unit, unit.Store) = (specification, store);
        result = await OpenAsync(call, target, unit, cancellationToken);
        if (result.IsOk) return result;
        (unit.Unit, unit.Store) = (oldUnit, oldStore);
        Tell(call, await OpenAsync(call, target, unit, cancellationToken));
        return result;
    }

    /// <summary>
    /// A unit of this name whose target, or whose place in it, was removed elsewhere, is in the way only while nothing maps it. What stands in a file, or is
    /// mapped again, stays: the request is refused then.
    /// </summary>
    private static async ValueTask RemoveLeftoverAsync(Call call, TgtUnit unit, CancellationToken cancellationToken)
    {
        if (call.Now.Units.Any(status => status.Spec.Name == unit.Unit.Name && status.Owner == Owner.Runtime))
            Tell(call, await call.Engine.RemoveUnitAsync(unit.Unit.Name, force: false, cancellationToken));
        if (call.Now.Stores.Any(status => status.Spec.Name == unit.Store.Name && status.Owner == Owner.Runtime))
            Tell(call, await call.Engine.RemoveStoreAsync(unit.Store.Name, force: false, cancellationToken));
    }

    /// <summary>Opens a unit on its open store and maps it. Nothing stays behind when that fails, but for the store.</summary>
    private static async ValueTask<ControlResult> OpenUnitAsync(Call call, TgtTarget target, TgtUnit unit, CancellationToken cancellationToken)
    {
        ControlResult result = await call.Engine.AddUnitAsync(unit.Unit, Owner.Runtime, cancellationToken);
        if (!result.IsOk) return result;
        result = await call.Engine.ChangeTargetAsync(target.Key, new TargetChange { AddLuns = [unit.Mapping] }, cancellationToken);
        if (result.IsOk) return await SetAgainAsync(call, unit, cancellationToken);
        _ = await call.Engine.RemoveUnitAsync(unit.Unit.Name, force: true, CancellationToken.None);
        return result;
    }

    private static ValueTask<ControlResult> UnmapAsync(Call call, TgtTarget target, TgtUnit unit, bool idleOnly, CancellationToken cancellationToken) =>
        call.Engine.ChangeTargetAsync(target.Key, new TargetChange { RemoveLuns = [unit.Mapping], RemoveIdleOnly = idleOnly }, cancellationToken);

    /// <summary>What no option keeps is set again.</summary>
    private static async ValueTask<ControlResult> SetAgainAsync(Call call, TgtUnit unit, CancellationToken cancellationToken)
    {
        foreach (string page in unit.ModePages) Tell(call, await call.Engine.SetUnitParameterAsync(unit.Unit.Name, "mode_page", page, cancellationToken));
        foreach ((string name, string value) in unit.Settings)
            Tell(call, await call.Engine.SetUnitParameterAsync(unit.Unit.Name, name, value, cancellationToken));
        return ControlResult.Ok;
    }

    private static void Tell(Call call, ControlResult result)
    {
        if (!result.IsOk) FaceLog.Refused(call.Context.Logger, call.Request.Mode, call.Request.Operation, result.Message);
    }
}
