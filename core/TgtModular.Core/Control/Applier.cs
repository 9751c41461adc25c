namespace TgtModular.Core.Control;

/// <summary>What became of one operation of a plan.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Result">How it ended.</param>
public sealed record StepResult(ControlOperation Operation, ControlResult Result);

/// <summary>Carries plans out.</summary>
public static class Applier
{
    /// <summary>
    /// Carries out all it can: what needs an object that could not be made is skipped, or done without it; everything else goes on. Exactly one result for each
    /// operation, in order.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="engine">The engine it was computed for.</param>
    /// <param name="cancellationToken">Ends it before the next operation.</param>
    /// <param name="progress">Told of each result at once; may be null.</param>
    public static async Task<IReadOnlyList<StepResult>> ApplyAsync(
        Plan plan, IEngineControl engine, CancellationToken cancellationToken, Action<StepResult>? progress = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(engine);
        var missing = new HashSet<ObjectName>();
        var stuck = new HashSet<ObjectName>();
        var results = new List<StepResult>();
        foreach (ControlOperation operation in plan.Operations)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var step = new StepResult(operation, await RunAsync(operation, engine, missing, stuck, cancellationToken));
            results.Add(step);
            progress?.Invoke(step);
        }

        return results;
    }

    private static async ValueTask<ControlResult> RunAsync(
        ControlOperation operation, IEngineControl engine, HashSet<ObjectName> missing, HashSet<ObjectName> stuck, CancellationToken cancellationToken)
    {
        if (operation.Change == ChangeKind.Add && stuck.Contains(operation.Subject))
            return new ControlResult(ControlError.Skipped, "skipped: the old one could not be removed and stays");

        ObjectName[] lacking = [.. operation.Needs.Where(missing.Contains).Distinct()];
        if (lacking.Length == 0)
        {
            ControlResult result = await operation.ExecuteAsync(engine, cancellationToken);
            if (result.IsOk) return result;
            if (operation.Change == ChangeKind.Add) _ = missing.Add(operation.Subject);
            if (operation.Change == ChangeKind.Remove) _ = stuck.Add(operation.Subject);
            return result;
        }

        string reason = $"{string.Join(", ", lacking)} could not be made";
        if (operation.Without(missing) is not { } rest)
        {
            if (operation.Change == ChangeKind.Add) _ = missing.Add(operation.Subject);
            return new ControlResult(ControlError.Skipped, $"skipped: {reason}");
        }

        ControlResult partial = await rest.ExecuteAsync(engine, cancellationToken);
        return partial.IsOk ? new ControlResult(ControlError.Skipped, $"done in part: {reason}") : partial;
    }
}
