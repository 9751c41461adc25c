using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Daemon.Control;

/// <summary>Configurations planned, applied and written down.</summary>
internal sealed class ConfigurationRoutes(ControlContext context)
{
    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapPost("/configuration/plan", PlanAsync);
        _ = api.MapPost("/configuration/apply", ApplyAsync);
        _ = api.MapGet("/configuration/export", http =>
        {
            http.Response.ContentType = "application/toml; charset=utf-8";
            return http.Response.WriteAsync(context.Configuration.Export());
        });
    }

    private async Task PlanAsync(HttpContext http)
    {
        if (await Answers.ReadAsync(http, ControlJson.Default.ConfigurationRequest) is not { } request) return;
        (IReadOnlyList<ConfigurationProblem> problems, Plan? plan) =
            context.Configuration.Compute(ConfigurationService.Parse(request.Text, request.Path), request.Prune);
        if (plan is null) await RefuseAsync(http, problems);
        else
            await Answers.WriteAsync(http, View(plan, problems, [.. plan.Operations.Select(operation => ViewMapper.ToView(operation))]),
                ControlJson.Default.PlanView);
    }

    private async Task ApplyAsync(HttpContext http)
    {
        if (await Answers.ReadAsync(http, ControlJson.Default.ConfigurationRequest) is not { } request) return;
        ApplyOutcome outcome =
            await context.Configuration.ApplyAsync(ConfigurationService.Parse(request.Text, request.Path), request.Prune, CancellationToken.None);
        if (outcome.Plan is null) await RefuseAsync(http, outcome.Problems);
        else
            await Answers.WriteAsync(http,
                View(outcome.Plan, outcome.Problems, [.. outcome.Steps.Select(step => ViewMapper.ToView(step.Operation, step.Result))]),
                ControlJson.Default.PlanView);
    }

    private static PlanView View(Plan plan, IReadOnlyList<ConfigurationProblem> problems, IReadOnlyList<OperationView> operations) => new(
        operations, plan.Conflicts, [.. plan.LeftAlone.Select(name => name.ToString())],
        [.. problems.Where(problem => problem.IsWarning).Select(problem => problem.ToString())]);

    private static Task RefuseAsync(HttpContext http, IReadOnlyList<ConfigurationProblem> problems) =>
        Answers.RefuseAsync(http, ControlError.Invalid, [.. problems.Select(problem => problem.ToString())]);
}
