using System.CommandLine;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Tool.Commands;

/// <summary><c>tgtctl session</c>.</summary>
internal static class SessionCommands
{
    public static Command Create() => ToolContext.Group("session", "Sessions of initiators.", List(), Close());

    private static Task<IReadOnlyList<SessionView>> GetAsync(ControlClient client) =>
        client.GetAsync("v1/sessions", ControlJson.Default.IReadOnlyListSessionView);

    private static Command List() => ToolContext.Command("list", "Lists the sessions.", [], async (result, client) =>
    {
        Output.List(
            result.GetValue(ToolContext.Format), await GetAsync(client), ControlJson.Default.IReadOnlyListSessionView,
            ["TRANSPORT", "ID", "TARGET", "INITIATOR", "FROM"],
            session => [session.Transport, session.Id.ToString(), session.Target ?? "(discovery)", session.Initiator,
                string.Join(", ", session.Connections.Select(connection => connection.Peer))]);
        return ExitStatus.Ok;
    });

    private static Command Close()
    {
        var transport = new Argument<string>("transport") { Description = "The transport." };
        var id = new Argument<ulong>("id") { Description = "Number of the session, as 'session list' shows it." };
        var connection = new Option<uint?>("--connection") { Description = "Only this connection of it.", HelpName = "NUMBER" };
        return ToolContext.Command("close", "Ends a session. The initiator may come back; take away its access first if it shall not.",
            [transport, id, connection], async (result, client) =>
        {
            string query = result.GetValue(connection) is { } number ? $"?connection={number}" : "";
            await client.DeleteAsync($"v1/sessions/{ToolContext.Escape(result.GetValue(transport)!)}/{result.GetValue(id)}{query}");
            return ExitStatus.Ok;
        });
    }
}
