using System.CommandLine;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Tool.Commands;

/// <summary><c>tgtctl unit</c>.</summary>
internal static class UnitCommands
{
    public static Command Create() => ToolContext.Group("unit", "Logical units.", List(), Show(), Add(), Remove());

    public static async Task<IEnumerable<string>> NamesAsync(ControlClient client) => (await GetAsync(client)).Select(unit => unit.Name);

    private static Task<IReadOnlyList<UnitView>> GetAsync(ControlClient client) => client.GetAsync("v1/units", ControlJson.Default.IReadOnlyListUnitView);

    private static Argument<string> Name() => ToolContext.NameOf("name", "Name of the unit.", NamesAsync);

    private static Command List() => ToolContext.Command("list", "Lists the units.", [], async (result, client) =>
    {
        Output.List(
            result.GetValue(ToolContext.Format), await GetAsync(client), ControlJson.Default.IReadOnlyListUnitView,
            ["NAME", "DEVICE", "SIZE", "BLOCK", "STORES", "SERIAL", "STATE", "OWNER"],
            unit =>
            [
                unit.Name, unit.Device, unit.Size is { } size ? Quantity.DescribeSize(size) : null, unit.BlockLength?.ToString(),
                string.Join(", ", unit.Stores.Values), unit.Serial,
                unit.Health, unit.Owner,
            ]);
        return ExitStatus.Ok;
    });

    private static Command Show()
    {
        Argument<string> name = Name();
        return ToolContext.Command("show", "Shows one unit.", [name], async (result, client) =>
        {
            string wanted = result.GetValue(name)!;
            UnitView unit = (await GetAsync(client)).FirstOrDefault(unit => unit.Name == wanted) ?? throw new ToolException(ExitStatus.Failed,
                $"there is no unit '{wanted}'");
            Output.One(result.GetValue(ToolContext.Format), unit, ControlJson.Default.UnitView, Fields);
            return ExitStatus.Ok;
        });
    }

    private static (string Name, string? Value)[] Fields(UnitView unit) =>
    [
        ("name", unit.Name), ("device", unit.Device), ("device type", unit.DeviceType), ("plugin version", unit.PluginVersion),
        ("state", unit.Problem is null ? unit.Health : $"{unit.Health}: {unit.Problem}"), ("owner", unit.Owner), ("stores", Output.Pairs(unit.Stores)),
        ("size", unit.Size is { } size ? $"{Quantity.DescribeSize(size)} ({ToolContext.Number(unit.BlockCount ?? 0)} blocks of {unit.BlockLength} bytes)"
            : null),
        ("write cache", OnOff(unit.WriteCache)), ("read-only", OnOff(unit.ReadOnly)), ("vendor", unit.Vendor), ("product", unit.Product),
        ("revision", unit.Revision),
        ("serial", unit.Serial), ("scsi id", unit.ScsiId), ("naa", unit.Naa), ("options", Output.Pairs(unit.Options)),
    ];

    private static string? OnOff(bool? value) => value switch { true => "on", false => "off", null => null };

    private static Command Add()
    {
        var name = new Argument<string>("name") { Description = "Name of the new unit." };
        var device = new Option<string>("--device", "-d")
        {
            Description = "Its device type, perhaps with a version (sbc@1.2).",
            HelpName = "TYPE",
            Required = true
        };
        var store = new Option<string?>("--store", "-s") { Description = "The store it shows.", HelpName = "STORE" };
        Option<string[]> options = ToolContext.Pairs("--option", "An option of the device type or of the identity, for example serial=DB0001.");
        return ToolContext.Command("add", "Makes a unit.", [name, device, store, options], async (result, client) =>
        {
            Dictionary<string, string> values = ToolContext.Split(result.GetValue(options));
            values["device"] = result.GetValue(device)!;
            if (result.GetValue(store) is { } named) values["store"] = named;
            _ = await client.SendAsync(
                HttpMethod.Post, "v1/units", new AddUnitRequest(result.GetValue(name)!, values, Environment.CurrentDirectory),
                ControlJson.Default.AddUnitRequest);
            return ExitStatus.Ok;
        });
    }

    private static Command Remove()
    {
        Argument<string> name = Name();
        var force = new Option<bool>("--force") { Description = "Also takes it out of the LUN maps of targets." };
        return ToolContext.Command("remove", "Removes a unit; its store stays.", [name, force], async (result, client) =>
        {
            await client.DeleteAsync($"v1/units/{ToolContext.Escape(result.GetValue(name)!)}{(result.GetValue(force) ? "?force=true" : "")}");
            return ExitStatus.Ok;
        });
    }
}
