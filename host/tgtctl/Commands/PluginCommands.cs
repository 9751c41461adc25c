using System.CommandLine;
using TgtModular.Core.Control.Wire;
using TgtModular.Core.Plugins;

namespace TgtModular.Tool.Commands;

/// <summary><c>tgtctl plugin</c>.</summary>
internal static class PluginCommands
{
    private static readonly Option<bool> Json = new("--json") { Description = "The same as --output json." };

    public static Command Create() => ToolContext.Group("plugin", "Plugins.", List(), Show(), Inspect(), Doctor(), Rescan(), PluginChangeCommands.Upgrade(), PluginChangeCommands.Remove());

    private static Command List() => ToolContext.Command("list", "Lists the plugins that were found, those that failed too.", [Json], async (result, client) =>
    {
        Output.List(
            FormatOf(result), await GetAsync(client), ControlJson.Default.IReadOnlyListPluginView,
            ["NAME", "VERSION", "STATE", "EXPORTS", "DIRECTORY", "PROBLEM"],
            plugin => [plugin.Name, plugin.Version, plugin.State, string.Join(", ", plugin.Exports), plugin.Directory, plugin.Problem]);
        return ExitStatus.Ok;
    });

    private static Command Show()
    {
        Argument<string> name = ToolContext.NameOf("name", "Name of the plugin, perhaps with a version (store-file@1.2.0).", NamesAsync);
        return ToolContext.Command("show", "Shows all that is known of a plugin, of each version that is there.", [name, Json], async (result, client) =>
        {
            IReadOnlyList<PluginView> found = Select(await GetAsync(client), result.GetValue(name)!);
            if (FormatOf(result) == OutputFormat.Json)
            {
                Output.List(OutputFormat.Json, found, ControlJson.Default.IReadOnlyListPluginView, [], _ => []);
                return ExitStatus.Ok;
            }

            foreach (PluginView plugin in found) Output.One(OutputFormat.Table, plugin, ControlJson.Default.PluginView, Fields);
            return ExitStatus.Ok;
        });
    }

    private static Command Inspect()
    {
        var folder = new Argument<string>("folder") { Description = "The plugin's folder." };
        const string Text = "Reads a plugin's folder as the daemon would. Needs no daemon and runs no code of the plugin.";
        return ToolContext.Local("inspect", Text, [folder, Json], result =>
        {
            PluginInspectionView view = InspectFolder(result.GetValue(folder)!);
            Output.One(FormatOf(result), view, ControlJson.Default.PluginInspectionView, Fields);
            return Task.FromResult(view.Plugin.Problem is null ? ExitStatus.Ok : ExitStatus.Failed);
        });
    }

    private static Command Doctor()
    {
        var subject = new Argument<string?>("plugin")
        {
            Description = "A plugin's folder, or the name of a plugin of the daemon; without it, all plugins of the daemon.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        const string Text = "Tells of each plugin that is not served why, and what to do. A folder is looked at without a daemon.";
        return ToolContext.Command("doctor", Text, [subject, Json], async (result, client) =>
        {
            string? wanted = result.GetValue(subject);
            if (wanted is not null && (wanted.Contains('/') || Directory.Exists(wanted))) return PluginDiagnosis.Tell(FormatOf(result), [InspectFolder(wanted).Plugin], []);
            IReadOnlyList<PluginView> all = await GetAsync(client);
            if (wanted is not null) return PluginDiagnosis.Tell(FormatOf(result), Select(all, wanted), []);
            return PluginDiagnosis.Tell(FormatOf(result), all, await client.GetAsync("v1/plugins/problems", ControlJson.Default.IReadOnlyListPluginProblemView));
        });
    }

    private static Command Rescan() => ToolContext.Command(
        "rescan", "Looks for new plugins now. The daemon does so by itself unless watch_plugins is false.", [], async (_, client) =>
    {
        await client.PostAsync("v1/plugins/rescan");
        return ExitStatus.Ok;
    });

    private static OutputFormat FormatOf(ParseResult result) => result.GetValue(Json) ? OutputFormat.Json : result.GetValue(ToolContext.Format);

    internal static Task<IReadOnlyList<PluginView>> GetAsync(ControlClient client) => client.GetAsync("v1/plugins", ControlJson.Default.IReadOnlyListPluginView);

    internal static async Task<IEnumerable<string>> NamesAsync(ControlClient client) => (await GetAsync(client)).Select(plugin => plugin.Name).Distinct();

    private static PluginView[] Select(IReadOnlyList<PluginView> all, string wanted)
    {
        PluginView[] found = [.. all.Where(plugin => plugin.Name == wanted || $"{plugin.Name}@{plugin.Version}" == wanted)];
        return found.Length > 0 ? found : throw new ToolException(ExitStatus.Failed, $"there is no plugin '{wanted}'");
    }

    private static PluginInspectionView InspectFolder(string folder)
    {
        if (!Directory.Exists(folder)) throw new ToolException(ExitStatus.Invalid, $"there is no folder {folder}");
        try
        {
            return PluginViews.ToView(PluginInspection.Run(folder));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new ToolException(ExitStatus.Failed, fault.Message);
        }
    }

    private static (string Name, string? Value)[] Fields(PluginView plugin) =>
    [
        ("name", plugin.Name), ("version", plugin.Version), ("state", plugin.State), ("why", plugin.Cause), ("remedy", plugin.Remedy),
        ("exports", string.Join(", ", plugin.Exports)), ("used by", string.Join(", ", plugin.UsedBy)),
        ("contract", plugin.Contract is null ? null : $"{plugin.Contract} (this host: {plugin.HostContract})"),
        ("concurrency", plugin.Concurrency), ("licence", plugin.License), ("folder", plugin.Directory), ("private copy", plugin.PrivateCopy),
        ("content hash", plugin.ContentHash), ("warnings", string.Join("; ", plugin.Warnings)),
    ];

    private static (string Name, string? Value)[] Fields(PluginInspectionView view) =>
    [
        .. Fields(view.Plugin).Where(field => field.Name is not ("used by" or "private copy")), ("entry assembly", view.EntryAssembly),
        .. view.Files.Select(file => ("file", (string?)$"{file.Path}: {file.State}")),
        .. view.Assemblies.Select(item => ("assembly", (string?)$"{item.Name} {item.Version} needs {string.Join(", ", item.References)}")),
    ];
}
