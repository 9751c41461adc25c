using TgtModular.Core.Control;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Daemon.Control;

/// <summary>Plugins shown, looked for, upgraded and removed.</summary>
internal sealed class PluginRoutes(ControlContext context)
{
    private const double MaximumTimeoutSeconds = 200;

    public void Map(RouteGroupBuilder api)
    {
        ControlJson json = ControlJson.Default;
        _ = api.MapGet("/plugins", http => Answers.WriteAsync(http, PluginViews.ToViews(context.Engine.GetSnapshot()), json.IReadOnlyListPluginView));
        _ = api.MapGet("/plugins/problems", http => Answers.WriteAsync(
            http, [.. context.Catalog.Problems.Select(problem => new PluginProblemView(problem.Path, problem.Cause, problem.Remedy))],
            json.IReadOnlyListPluginProblemView));
        _ = api.MapPost("/plugins/rescan", http =>
        {
            context.Catalog.Rescan();
            return Answers.WriteAsync(http, ControlResult.Ok);
        });
        _ = api.MapPost("/plugins/{name}/upgrade", UpgradeAsync);
        _ = api.MapDelete("/plugins/{name}", RemoveAsync);
    }

    /// <summary>The table comes also with a failure: some stores may be done.</summary>
    private async Task UpgradeAsync(HttpContext http)
    {
        if (await Answers.ReadAsync(http, ControlJson.Default.PluginUpgradeRequest) is not { } request) return;
        if (request.TimeoutSeconds is not null and not (> 0 and <= MaximumTimeoutSeconds))
        {
            await Answers.RefuseAsync(http, ControlError.Invalid, [$"the timeout is more than 0 and at most {MaximumTimeoutSeconds} s"]);
            return;
        }

        var upgrade = new PluginUpgrade(Answers.RouteText(http, "name"))
        {
            Version = request.Version,
            Timeout = request.TimeoutSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : PluginUpgrade.DefaultTimeout,
            DryRun = request.DryRun,
        };
        PluginUpgradeResult result = await context.Engine.UpgradePluginAsync(upgrade, CancellationToken.None);
        if (!result.Result.IsOk && result.Stores.Count == 0)
        {
            await Answers.WriteAsync(http, result.Result);
            return;
        }

        PluginUpgradeView view = new(
            upgrade.Plugin, result.Version, upgrade.DryRun, result.Result.IsOk ? null : result.Result.Message,
            [.. result.Stores.Select(store => new StoreUpgradeView(store.Store, store.From, store.To, ControlJson.Name(store.State), store.Detail))]);
        await Answers.WriteAsync(http, view, ControlJson.Default.PluginUpgradeView);
    }

    private async Task RemoveAsync(HttpContext http)
    {
        string? version = http.Request.Query["version"];
        PluginRemovalResult result =
            await context.Engine.RemovePluginAsync(Answers.RouteText(http, "name"), version, Answers.HasFlag(http, "force"), CancellationToken.None);
        if (!result.Result.IsOk) await Answers.WriteAsync(http, result.Result);
        else await Answers.WriteAsync(http, new PluginRemovalView(result.Plugins, result.Objects, result.StaysLoaded), ControlJson.Default.PluginRemovalView);
    }
}
