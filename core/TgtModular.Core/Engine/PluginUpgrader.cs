using TgtModular.Core.Control;
using TgtModular.Core.Plugins;
using TgtModular.Toml;

namespace TgtModular.Core.Engine;

/// <summary>Has all stores of a plugin served by another version, one after the other, those beneath others first.</summary>
internal sealed class PluginUpgrader(PluginUsers users, StoreUpgrader upgrader, IReadOnlyList<PluginStatus> plugins)
{
    public async Task<PluginUpgradeResult> RunAsync(PluginUpgrade request)
    {
        PluginStatus[] versions = users.Versions(request.Plugin);
        if (versions.Length == 0) return PluginUpgradeResult.Refused(Unknown(request.Plugin, plugins));
        if (FindTarget(versions, request.Version, out string problem) is not { } target)
            return PluginUpgradeResult.Refused(ControlResult.Failed($"plugin '{request.Plugin}': {problem}"));
        PluginStatus[] others = [.. versions.Where(version => version.Version != target.Version)];
        if (FindUnmovable(request.Plugin, others) is { } unmovable) return PluginUpgradeResult.Refused(unmovable);

        List<StoreUpgradeResult> results = [];
        ControlResult end = ControlResult.Ok;
        foreach (StoreEntry store in users.Stores(others))
        {
            string from = store.PluginVersion;
            (StoreUpgradeState state, string detail) = IsPinned(store, target.Version) ? (StoreUpgradeState.Skipped, $"its configuration pins {store.Spec.Type}")
                : end.IsOk ? await UpgradeAsync(store, target.Version, others, request) : (StoreUpgradeState.NotTried, "");
            results.Add(new StoreUpgradeResult(store.Spec.Name, from, target.Version, state, detail));
            if (state == StoreUpgradeState.Failed && !request.DryRun) end = ControlResult.Failed($"store '{store.Spec.Name}': {detail}");
        }

        if (request.DryRun && results.FirstOrDefault(result => result.State == StoreUpgradeState.Failed) is { } foreseen)
            end = ControlResult.Failed($"store '{foreseen.Store}': {foreseen.Detail}");
        return new PluginUpgradeResult(end, target.Version, results);
    }

    /// <summary>There is no such plugin.</summary>
    public static ControlResult Unknown(string name, IReadOnlyList<PluginStatus> plugins)
    {
        string? closest = Suggestions.Closest(name, [.. plugins.Select(plugin => plugin.Name).Distinct()]);
        return new ControlResult(ControlError.NotFound, $"there is no plugin '{name}'{(closest is null ? "" : $" (did you mean '{closest}'?)")}");
    }

    private static PluginStatus? FindTarget(PluginStatus[] versions, string? wanted, out string problem)
    {
        PluginStatus[] matching = [.. versions.Where(version => wanted is null || (Read(version) is { } number && number.Matches(wanted)))];
        PluginStatus? target = matching.Where(IsServed).MaxBy(Read);
        problem = target is not null ? ""
            : matching.FirstOrDefault(version => version.Details is { IsForgotten: true }) is { } forgotten ? $"version {forgotten.Version} was removed by 'tgtctl plugin remove': copy its folder again"
            : matching.FirstOrDefault(version => version.Details is { IsRemoved: true }) is { } removed ? $"the folder of version {removed.Version} is gone: put it back"
            : matching.FirstOrDefault() is { } refused ? $"version {refused.Version} is {refused.State}: {refused.Problem}"
            : $"there is no version {wanted}; there is {string.Join(", ", versions.Select(version => version.Version))}";
        return target;
    }

    private static bool IsServed(PluginStatus plugin) => plugin.Details is { IsServed: true, IsRemoved: false };

    private static PluginVersion? Read(PluginStatus plugin) => PluginVersion.TryParse(plugin.Version, out PluginVersion? version) ? version : null;

    private static bool IsPinned(StoreEntry store, string version) =>
        store.Spec.Type.Version is { } pin && !(PluginVersion.TryParse(version, out PluginVersion? number) && number.Matches(pin));

    /// <summary>Units and transports hold state that only their own code knows.</summary>
    private ControlResult? FindUnmovable(string name, PluginStatus[] others)
    {
        string[] unmovable =
        [
            .. users.Units(others).Select(unit => $"unit {unit.Spec.Name} ({unit.PluginVersion})"),
            .. users.Transports(others).Select(transport => $"transport {transport.Spec.Name} ({transport.PluginVersion})"),
            .. users.Controllers(others).Select(target => $"the controller of target {target.Spec.Key} ({target.Controller!.PluginVersion})"),
        ];
        return unmovable.Length == 0 ? null : new ControlResult(
            ControlError.NotSupported,
            $"plugin '{name}' serves {string.Join(", ", unmovable)}: only stores go to another version while the daemon runs; restart the daemon, and what is not pinned is made of the highest version");
    }

    private async Task<(StoreUpgradeState State, string Detail)> UpgradeAsync(StoreEntry store, string version, PluginStatus[] others, PluginUpgrade request)
    {
        if (others.FirstOrDefault(other => other.Version == store.PluginVersion && other.Details is { State: PluginState.Fenced }) is not null)
            return (StoreUpgradeState.Failed, $"version {store.PluginVersion} is fenced, calls of it may never return: restart the daemon");
        if (upgrader.Prepare(store, version, out string problem) is not { } plan) return (StoreUpgradeState.Failed, problem);
        string announced = plan.Unnoticed ? "sessions notice nothing" : "initiators get a unit attention";
        if (request.DryRun) return (StoreUpgradeState.Planned, announced);
        return await upgrader.RunAsync(plan, request.Timeout) is { } failure ? (StoreUpgradeState.Failed, failure) : (StoreUpgradeState.Upgraded, announced);
    }
}
