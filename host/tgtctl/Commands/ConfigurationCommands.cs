using System.CommandLine;
using System.Text.Json;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Tool.Commands;

/// <summary><c>tgtctl plan</c>, <c>apply</c> and <c>config</c>.</summary>
internal static class ConfigurationCommands
{
    private static Argument<string> File() => new("file") { Description = "The configuration file." };

    private static Option<bool> Prune() => new("--prune") { Description = "Objects made at run time that the file does not know are removed too." };

    public static Command Plan()
    {
        Argument<string> file = File();
        Option<bool> prune = Prune();
        var exitCode = new Option<bool>("--exit-code") { Description = "Ends with status 4 when there are differences." };
        return ToolContext.Command("plan", "Shows what applying a file would do, and does nothing.", [file, prune, exitCode], async (result, client) =>
        {
            PlanView plan = await SendAsync(client, "v1/configuration/plan", result.GetValue(file)!, result.GetValue(prune));
            Show(result.GetValue(ToolContext.Format), plan);
            return result.GetValue(exitCode) && (plan.Operations.Count > 0 || plan.Conflicts.Count > 0) ? ExitStatus.Different : ExitStatus.Ok;
        });
    }

    public static Command Apply()
    {
        Argument<string> file = File();
        Option<bool> prune = Prune();
        return ToolContext.Command("apply", "Makes it so. What the change does not concern is not touched, sessions least of all.", [file, prune],
            async (result, client) =>
        {
            PlanView plan = await SendAsync(client, "v1/configuration/apply", result.GetValue(file)!, result.GetValue(prune));
            Show(result.GetValue(ToolContext.Format), plan);
            return plan.Conflicts.Count == 0 && plan.Operations.All(operation => operation.Result == "ok") ? ExitStatus.Ok : ExitStatus.Failed;
        });
    }

    public static Command Config() => ToolContext.Group("config", "Configuration files.", Check(), Export());

    private static Command Check()
    {
        Argument<string> file = File();
        var plugins = new Option<string[]>("--plugin-directory") { Description = "Searched for plugins first, as tgtd does.", HelpName = "DIR" };
        return ToolContext.Local("check", "Checks a file. Needs no daemon and opens no device.", [file, plugins], result =>
        {
            string path = result.GetValue(file)!;
            IReadOnlyList<ConfigurationProblem> problems = ConfigurationCheck.Run(path, (result.GetValue(plugins) ?? []).Select(Path.GetFullPath));
            foreach (ConfigurationProblem problem in problems) Console.Error.WriteLine(problem);
            if (problems.Any(problem => !problem.IsWarning)) return Task.FromResult(ExitStatus.Invalid);
            Console.WriteLine($"{path}: right");
            return Task.FromResult(ExitStatus.Ok);
        });
    }

    private static Command Export() =>
        ToolContext.Command("export", "Writes what is there now as a configuration file, objects made at run time too.", [], async (_, client) =>
    {
        Console.Write(await client.GetTextAsync("v1/configuration/export"));
        return ExitStatus.Ok;
    });

    private static async Task<PlanView> SendAsync(ControlClient client, string route, string file, bool prune)
    {
        string text;
        try
        {
            text = await System.IO.File.ReadAllTextAsync(file);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ToolException(ExitStatus.Invalid, $"{file}: {fault.Message}");
        }

        string body = await client.SendAsync(HttpMethod.Post, route, new ConfigurationRequest(Path.GetFullPath(file), text, prune),
            ControlJson.Default.ConfigurationRequest);
        return JsonSerializer.Deserialize(body, ControlJson.Default.PlanView) ?? throw new ToolException(ExitStatus.Failed, "the daemon answered with nothing");
    }

    private static void Show(OutputFormat format, PlanView plan)
    {
        if (format == OutputFormat.Json)
        {
            Console.WriteLine(JsonSerializer.Serialize(plan, ControlJson.Default.PlanView));
            return;
        }

        foreach (string warning in plan.Warnings) Console.Error.WriteLine(warning);
        foreach (OperationView operation in plan.Operations)
        {
            string sign = operation.Action switch { "add" => "+", "remove" => "-", _ => "~" };
            string detail = operation.Detail.Length > 0 ? $": {operation.Detail}" : "";
            string message = operation.Message is null ? "" : $"\n    {operation.Message}";
            Console.WriteLine($"{sign} {operation.Kind} '{operation.Name}'{detail}{message}");
        }

        foreach (string conflict in plan.Conflicts) Console.WriteLine($"! {conflict}");
        if (plan.Operations.Count == 0 && plan.Conflicts.Count == 0) Console.WriteLine("Nothing to do: everything is as the file says.");
        if (plan.LeftAlone.Count > 0) Console.WriteLine($"Left alone, made at run time (--prune removes them): {string.Join(", ", plan.LeftAlone)}");
    }
}
