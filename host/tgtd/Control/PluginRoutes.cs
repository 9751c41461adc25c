using TgtModular.Core.Control;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Daemon.Control;

/// <summary>Plugins shown and looked for.</summary>
internal sealed class PluginRoutes(ControlContext context)
{
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
    }
}
