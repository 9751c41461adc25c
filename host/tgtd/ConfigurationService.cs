using System.Text;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;

namespace TgtModular.Daemon;

/// <summary>What applying a configuration gave.</summary>
/// <param name="Problems">What is wrong or doubtful in it.</param>
/// <param name="Plan">The plan; null when the configuration is wrong.</param>
/// <param name="Steps">What became of the plan's operations.</param>
internal sealed record ApplyOutcome(IReadOnlyList<ConfigurationProblem> Problems, Plan? Plan, IReadOnlyList<StepResult> Steps)
{
    /// <summary>True when everything is now as the configuration says.</summary>
    public bool IsComplete => Plan is { Conflicts.Count: 0 } && Steps.All(step => step.Result.IsOk);
}

/// <summary>Plans and applies configurations, one at a time, and logs what becomes of them.</summary>
internal sealed partial class ConfigurationService(IEngineControl engine, ISchemaSource schemas, Action<DaemonSpec> applyDaemonOptions, ILogger logger)
    : IDisposable
{
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);

    /// <summary>What the last configuration that was right said of the daemon itself.</summary>
    public DesiredState Current { get; private set; } = DesiredState.Empty;

    /// <summary>The way to the configuration; nothing is done.</summary>
    public (IReadOnlyList<ConfigurationProblem> Problems, Plan? Plan) Compute(ConfigurationDocument document, bool prune)
    {
        ConfigurationResult result = document.Bind(schemas);
        return (result.Problems, result.State is null ? null : Planner.Compute(engine.GetSnapshot(), result.State, prune));
    }

    /// <summary>Makes it so, as far as it goes. A configuration with anything wrong changes nothing.</summary>
    public async Task<ApplyOutcome> ApplyAsync(ConfigurationDocument document, bool prune, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            ConfigurationResult result = document.Bind(schemas);
            foreach (ConfigurationProblem problem in result.Problems)
            {
                if (problem.IsWarning) LogDoubt(logger, problem);
                else LogProblem(logger, problem);
            }

            if (result.State is null) return new ApplyOutcome(result.Problems, null, []);
            applyDaemonOptions(result.State.Daemon);
            Plan plan = Planner.Compute(engine.GetSnapshot(), result.State, prune);
            foreach (string conflict in plan.Conflicts) LogConflict(logger, conflict);
            IReadOnlyList<StepResult> steps = await Applier.ApplyAsync(plan, engine, cancellationToken, LogStep);
            Current = result.State;
            return new ApplyOutcome(result.Problems, plan, steps);
        }
        finally
        {
            _ = _oneAtATime.Release();
        }
    }

    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>What is there now, as the file that describes it.</summary>
    public string Export()
    {
        EngineSnapshot now = engine.GetSnapshot();
        return ConfigurationExport.ToToml(Current with
        {
            Transports = now.Transports.Select(status => status.Spec).ToValueList(),
            Stores = now.Stores.Select(status => status.Spec).ToValueList(),
            Units = now.Units.Select(status => status.Spec).ToValueList(),
            Targets = now.Targets.Select(status => status.Spec).ToValueList(),
        });
    }

    /// <summary>The document of a text, by the name it came with.</summary>
    public static ConfigurationDocument Parse(string text, string path) => ConfigurationDocument.Parse(Encoding.UTF8.GetBytes(text), path);

    private void LogStep(StepResult step)
    {
        if (step.Result.IsOk) LogDone(logger, step.Operation);
        else LogFailed(logger, step.Operation, step.Result.Message);
    }

    [LoggerMessage(EventId = 500, Level = LogLevel.Information, Message = "{Operation}")]
    private static partial void LogDone(ILogger logger, ControlOperation operation);

    [LoggerMessage(EventId = 501, Level = LogLevel.Error, Message = "{Operation}: {Problem}")]
    private static partial void LogFailed(ILogger logger, ControlOperation operation, string problem);

    [LoggerMessage(EventId = 502, Level = LogLevel.Error, Message = "{Problem}")]
    private static partial void LogProblem(ILogger logger, ConfigurationProblem problem);

    [LoggerMessage(EventId = 503, Level = LogLevel.Warning, Message = "{Problem}")]
    private static partial void LogDoubt(ILogger logger, ConfigurationProblem problem);

    [LoggerMessage(EventId = 504, Level = LogLevel.Warning, Message = "not done: {Conflict}")]
    private static partial void LogConflict(ILogger logger, string conflict);
}
