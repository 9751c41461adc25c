using System.CommandLine;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Tool.Commands;

/// <summary>What can only be looked at.</summary>
internal static class ViewCommands
{
    public static Command Transports() =>
        ToolContext.Group("transport", "Transports.", ToolContext.Command("list", "Lists the transports.", [], async (result, client) =>
    {
        Output.List(
            result.GetValue(ToolContext.Format), await client.GetAsync("v1/transports", ControlJson.Default.IReadOnlyListTransportView),
            ControlJson.Default.IReadOnlyListTransportView,
            ["NAME", "PLUGIN", "VERSION", "STATE", "OWNER", "PORTALS", "PROBLEM"],
            transport => [transport.Name, transport.Plugin, transport.PluginVersion, transport.Health, transport.Owner,
                string.Join(", ", transport.Portals.Select(portal => portal.Address)), transport.Problem]);
        return ExitStatus.Ok;
    }));

    public static Command Statistics()
    {
        var unit = new Argument<string?>("unit") { Description = "Only this unit.", Arity = ArgumentArity.ZeroOrOne };
        return ToolContext.Command("stats", "Shows what the units did since they were made.", [unit], async (result, client) =>
        {
            IReadOnlyList<StatisticsView> all = await client.GetAsync("v1/stats", ControlJson.Default.IReadOnlyListStatisticsView);
            string? wanted = result.GetValue(unit);
            IReadOnlyList<StatisticsView> shown = wanted is null ? all : [.. all.Where(row => row.Unit == wanted)];
            if (wanted is not null && shown.Count == 0) throw new ToolException(ExitStatus.Failed, $"there is no unit '{wanted}'");
            Output.List(
                result.GetValue(ToolContext.Format), shown, ControlJson.Default.IReadOnlyListStatisticsView,
                ["UNIT", "READS", "READ", "WRITES", "WRITTEN", "OTHERS", "ERRORS", "RUNNING"],
                row =>
                [
                    row.Unit, ToolContext.Number(row.ReadCommands), Quantity.DescribeSize(row.ReadBytes), ToolContext.Number(row.WriteCommands),
                    Quantity.DescribeSize(row.WriteBytes),
                    ToolContext.Number(row.OtherCommands), ToolContext.Number(row.Errors), ToolContext.Number(row.Running),
                ]);
            return ExitStatus.Ok;
        });
    }

    public static Command Daemon() => ToolContext.Command("daemon", "Shows the daemon itself.", [], async (result, client) =>
    {
        DaemonView daemon = await client.GetAsync("v1/daemon", ControlJson.Default.DaemonView);
        Output.One(result.GetValue(ToolContext.Format), daemon, ControlJson.Default.DaemonView, view =>
        [
            ("version", view.Version), ("process", view.ProcessId.ToString()), ("started", view.Started.ToString("u")),
            ("state directory", view.StateDirectory),
            ("plugin directories", string.Join(", ", view.PluginDirectories)), ("configuration", view.ConfigurationFile ?? "(demo)"),
            ("log level", view.LogLevel),
            ("buffers in use", Quantity.DescribeSize(view.LeasedBufferBytes)),
            ("allocated since start", Quantity.DescribeSize(view.AllocatedBytes)),
        ]);
        return ExitStatus.Ok;
    });
}
