using System.CommandLine;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Tool.Commands;

/// <summary><c>tgtctl store</c>.</summary>
internal static class StoreCommands
{
    public static Command Create() => ToolContext.Group("store", "Backing stores.", List(), Show(), Add(), Remove(), Resize());

    public static async Task<IEnumerable<string>> NamesAsync(ControlClient client) => (await GetAsync(client)).Select(store => store.Name);

    private static Task<IReadOnlyList<StoreView>> GetAsync(ControlClient client) => client.GetAsync("v1/stores", ControlJson.Default.IReadOnlyListStoreView);

    private static Argument<string> Name() => ToolContext.NameOf("name", "Name of the store.", NamesAsync);

    private static Command List() => ToolContext.Command("list", "Lists the stores.", [], async (result, client) =>
    {
        Output.List(
            result.GetValue(ToolContext.Format), await GetAsync(client), ControlJson.Default.IReadOnlyListStoreView,
            ["NAME", "TYPE", "SIZE", "STATE", "OWNER", "USED BY"],
            store => [store.Name, store.Type, Quantity.DescribeSize(store.Size), store.Health, store.Owner, string.Join(", ", store.UsedBy)]);
        return ExitStatus.Ok;
    });

    private static Command Show()
    {
        Argument<string> name = Name();
        return ToolContext.Command("show", "Shows one store.", [name], async (result, client) =>
        {
            string wanted = result.GetValue(name)!;
            StoreView store = (await GetAsync(client)).FirstOrDefault(store => store.Name == wanted) ?? throw new ToolException(ExitStatus.Failed,
                $"there is no store '{wanted}'");
            Output.One(result.GetValue(ToolContext.Format), store, ControlJson.Default.StoreView, Fields);
            return ExitStatus.Ok;
        });
    }

    private static (string Name, string? Value)[] Fields(StoreView store) =>
    [
        ("name", store.Name), ("type", store.Type), ("plugin version", store.PluginVersion),
        ("size", $"{Quantity.DescribeSize(store.Size)} ({ToolContext.Number(store.Size)} bytes)"),
        ("state", store.Problem is null ? store.Health : $"{store.Health}: {store.Problem}"), ("owner", store.Owner), ("over", string.Join(", ", store.Over)),
        ("shared", store.Shared ? "yes" : "no"), ("used by", string.Join(", ", store.UsedBy)), ("abilities", string.Join(", ", store.Capabilities)),
        ("options", Output.Pairs(store.Options)),
    ];

    private static Command Add()
    {
        var name = new Argument<string>("name") { Description = "Name of the new store." };
        var type = new Option<string>("--type", "-t")
        {
            Description = "Its type: the name of a store plugin, perhaps with a version (file@1.2).",
            HelpName = "TYPE",
            Required = true
        };
        var over = new Option<string[]>("--over") { Description = "The store beneath a filter.", HelpName = "STORE" };
        var shared = new Option<bool>("--shared") { Description = "Several units may write to it." };
        Option<string[]> options = ToolContext.Pairs("--option", "An option of the store type, for example path=/srv/db.img or size=20GiB.");
        return ToolContext.Command("add", "Opens a store.", [name, type, over, shared, options], async (result, client) =>
        {
            var request = new AddStoreRequest(
                result.GetValue(name)!, result.GetValue(type)!, result.GetValue(over) ?? [], result.GetValue(shared),
                ToolContext.Split(result.GetValue(options)), Environment.CurrentDirectory);
            _ = await client.SendAsync(HttpMethod.Post, "v1/stores", request, ControlJson.Default.AddStoreRequest);
            return ExitStatus.Ok;
        });
    }

    private static Command Remove()
    {
        Argument<string> name = Name();
        var force = new Option<bool>("--force") { Description = "Also removes the units and filters that use it." };
        return ToolContext.Command("remove", "Closes a store; its data stay where they are.", [name, force], async (result, client) =>
        {
            await client.DeleteAsync($"v1/stores/{ToolContext.Escape(result.GetValue(name)!)}{(result.GetValue(force) ? "?force=true" : "")}");
            return ExitStatus.Ok;
        });
    }

    private static Command Resize()
    {
        Argument<string> name = Name();
        var size = new Argument<string>("size") { Description = "The new size, for example 30GiB." };
        var shrink = new Option<bool>("--shrink") { Description = "Allows a smaller size; what lies behind it is lost." };
        return ToolContext.Command("resize", "Changes the size of a store; initiators are told.", [name, size, shrink], async (result, client) =>
        {
            string text = result.GetValue(size)!;
            if (!Quantity.TryParseSize(text, out long bytes))
                throw new ToolException(ExitStatus.Invalid, $"'{text}' is no size: {Quantity.SizeForm} is wanted");
            string store = result.GetValue(name)!;
            _ = await client.SendAsync(
                HttpMethod.Post, $"v1/stores/{ToolContext.Escape(store)}/resize", new ResizeStoreRequest(bytes, result.GetValue(shrink)),
                ControlJson.Default.ResizeStoreRequest);
            // A file that is longer than the configuration says is not opened at the next start.
            if ((await GetAsync(client)).Any(view => view.Name == store && view.Owner == "file" && view.Options.ContainsKey("size")))
                Console.Error.WriteLine($"tgtctl: note: write size = \"{Quantity.FormatSize(bytes)}\" into [store.{store}] of the configuration file, too");
            return ExitStatus.Ok;
        });
    }
}
