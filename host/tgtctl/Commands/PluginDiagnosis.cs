using System.Text.Json;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Tool.Commands;

/// <summary>What <c>tgtctl plugin doctor</c> says.</summary>
internal static class PluginDiagnosis
{
    /// <summary>Tells what is wrong and what to do.</summary>
    /// <returns>The exit status: failed when a plugin is not served.</returns>
    public static int Tell(OutputFormat format, IReadOnlyList<PluginView> plugins, IReadOnlyList<PluginProblemView> problems)
    {
        PluginView[] bad = [.. plugins.Where(plugin => plugin.Problem is not null)];
        PluginProblemView[] all =
        [
            .. bad.Select(plugin => new PluginProblemView(plugin.Directory, $"plugin {plugin.Name} {plugin.Version}".TrimEnd() + $" is {plugin.State}: {plugin.Cause}", plugin.Remedy ?? "")),
            .. problems,
        ];
        if (format == OutputFormat.Json) Console.WriteLine(JsonSerializer.Serialize(all, ControlJson.Default.IReadOnlyListPluginProblemView));
        else Write(plugins, all);
        return bad.Length == 0 ? ExitStatus.Ok : ExitStatus.Failed;
    }

    private static void Write(IReadOnlyList<PluginView> plugins, PluginProblemView[] problems)
    {
        foreach (PluginProblemView problem in problems)
        {
            Console.WriteLine($"{problem.Path}\n  why:    {problem.Cause}");
            if (problem.Remedy.Length > 0) Console.WriteLine($"  remedy: {problem.Remedy}");
        }

        foreach (PluginView plugin in plugins)
        {
            foreach (string warning in plugin.Warnings) Console.WriteLine($"{plugin.Directory}\n  note:   {warning}");
        }

        if (problems.Length > 0) return;
        int unloaded = plugins.Count(plugin => plugin.State == "available");
        string rest = unloaded == 0 ? "" : $" (code of {unloaded} not loaded yet: that happens at first use)";
        Console.WriteLine($"Nothing failed: {plugins.Count} plugin{(plugins.Count == 1 ? "" : "s")} can be used{rest}.");
    }
}
