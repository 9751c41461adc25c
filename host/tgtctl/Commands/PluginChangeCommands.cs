using System.CommandLine;
using System.Text.Json;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Tool.Commands;

/// <summary><c>tgtctl plugin upgrade</c> and <c>tgtctl plugin remove</c>.</summary>
internal static class PluginChangeCommands
{
    public static Command Upgrade()
    {
        Argument<string> name = ToolContext.NameOf("name", "Name of the plugin.", PluginCommands.NamesAsync);
        var to = new Option<string?>("--to") { Description = "The version, perhaps only its first numbers; default: the highest that is there.", HelpName = "VERSION" };
        var timeout = new Option<double?>("--timeout")
        {
            Description = "How long to wait for commands under way in each store; when they do not end, nothing is changed. Default: 10.",
            HelpName = "SECONDS",
        };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only lists what would be done. The new version's code is loaded for that." };
        const string Text = "Has the stores of a plugin served by another version of it, while they are in use: commands wait a moment, sessions stay.";
        return ToolContext.Command("upgrade", Text, [name, to, timeout, dryRun], async (result, client) =>
        {
            var request = new PluginUpgradeRequest(result.GetValue(to), result.GetValue(timeout), result.GetValue(dryRun));
            string body = await client.SendAsync(
                HttpMethod.Post, $"v1/plugins/{ToolContext.Escape(result.GetValue(name)!)}/upgrade", request, ControlJson.Default.PluginUpgradeRequest);
            return Show(result.GetValue(ToolContext.Format), JsonSerializer.Deserialize(body, ControlJson.Default.PluginUpgradeView)!);
        });
    }

    public static Command Remove()
    {
        Argument<string> name = ToolContext.NameOf("name", "Name of the plugin; with @VERSION only that version.", PluginCommands.NamesAsync);
        var force = new Option<bool>("--force") { Description = "Also removes its units, stores and transports, and whatever stands on them." };
        const string Text = "Serves a plugin no more; refused while it is in use. Its folder stays, and brings it back when it changes or the daemon is restarted.";
        return ToolContext.Command("remove", Text, [name, force], async (result, client) =>
        {
            string[] parts = result.GetValue(name)!.Split('@', 2);
            List<string> query = [];
            if (parts.Length > 1) query.Add($"version={ToolContext.Escape(parts[1])}");
            if (result.GetValue(force)) query.Add("force=true");
            string path = $"v1/plugins/{ToolContext.Escape(parts[0])}{(query.Count > 0 ? $"?{string.Join('&', query)}" : "")}";
            string body = await client.DeleteForAnswerAsync(path);
            return Show(result.GetValue(ToolContext.Format), JsonSerializer.Deserialize(body, ControlJson.Default.PluginRemovalView)!);
        });
    }

    private static int Show(OutputFormat format, PluginUpgradeView view)
    {
        if (format == OutputFormat.Json) Console.WriteLine(JsonSerializer.Serialize(view, ControlJson.Default.PluginUpgradeView));
        else if (view.Stores.Count == 0) Console.WriteLine($"No store of plugin {view.Plugin} is served by another version than {view.Version}.");
        else
        {
            Output.List(
                format, view.Stores, ControlJson.Default.IReadOnlyListStoreUpgradeView, ["STORE", "FROM", "TO", "STATE", "DETAIL"],
                store => [store.Store, store.From, store.To, store.State.Replace('_', ' '), store.Detail]);
        }

        if (view.Problem is not null) Console.Error.WriteLine($"tgtctl: {view.Problem}");
        return view.Problem is null ? ExitStatus.Ok : ExitStatus.Failed;
    }

    private static int Show(OutputFormat format, PluginRemovalView view)
    {
        if (format == OutputFormat.Json)
        {
            Console.WriteLine(JsonSerializer.Serialize(view, ControlJson.Default.PluginRemovalView));
            return ExitStatus.Ok;
        }

        foreach (string gone in view.Objects) Console.WriteLine($"removed {gone}");
        foreach (string plugin in view.Plugins) Console.WriteLine($"removed plugin {plugin}");
        if (view.StaysLoaded) Console.WriteLine("Its code stays in memory until the daemon is restarted; nothing calls it any more.");
        Console.WriteLine("Its folder was not touched: take it away, or the plugin is there again at the next start.");
        return ExitStatus.Ok;
    }
}
