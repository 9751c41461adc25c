using System.CommandLine;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Tool.Commands;

/// <summary><c>tgtctl target</c>.</summary>
internal static class TargetCommands
{
    public static Command Create() =>
        ToolContext.Group("target", "Targets.", List(), Show(), Add(), Remove(), Access(), Accounts(), Online(true), Online(false));

    public static async Task<IEnumerable<string>> NamesAsync(ControlClient client) => (await GetAsync(client)).Select(target => target.Name);

    public static Argument<string> Name() => ToolContext.NameOf("target", "The target.", NamesAsync);

    /// <summary>Changes a target.</summary>
    public static async Task<int> ChangeAsync(ControlClient client, string target, ChangeTargetRequest change)
    {
        _ = await client.SendAsync(HttpMethod.Patch, $"v1/targets/{ToolContext.Escape(target)}", change, ControlJson.Default.ChangeTargetRequest);
        return ExitStatus.Ok;
    }

    private static Task<IReadOnlyList<TargetView>> GetAsync(ControlClient client) => client.GetAsync("v1/targets", ControlJson.Default.IReadOnlyListTargetView);

    private static Command List() => ToolContext.Command("list", "Lists the targets.", [], async (result, client) =>
    {
        Output.List(
            result.GetValue(ToolContext.Format), await GetAsync(client), ControlJson.Default.IReadOnlyListTargetView,
            ["NAME", "TRANSPORTS", "LUNS", "SESSIONS", "STATE", "OWNER"],
            target =>
            [
                target.Name, string.Join(", ", target.Transports.Select(seen => seen.Transport)),
                string.Join(", ", target.Luns.Select(lun => $"{lun.Number}={lun.Unit}")),
                target.Sessions.ToString(), target.Online ? "online" : "offline", target.Owner,
            ]);
        return ExitStatus.Ok;
    });

    private static Command Show()
    {
        Argument<string> name = Name();
        return ToolContext.Command("show", "Shows one target.", [name], async (result, client) =>
        {
            string wanted = result.GetValue(name)!;
            TargetView target = (await GetAsync(client)).FirstOrDefault(target => target.Name == wanted) ?? throw new ToolException(ExitStatus.Failed,
                $"there is no target '{wanted}'");
            Output.One(result.GetValue(ToolContext.Format), target, ControlJson.Default.TargetView, Fields);
            return ExitStatus.Ok;
        });
    }

    private static (string Name, string? Value)[] Fields(TargetView target) =>
    [
        ("name", target.Name), ("state", target.Online ? "online" : "offline"), ("owner", target.Owner), ("sessions", target.Sessions.ToString()),
        .. target.Transports.Select(seen => ($"in {seen.Transport}", (string?)$"{seen.Name} {Output.Pairs(seen.Options)}".TrimEnd())),
        ("access", target.Access.Count == 0 ? "nobody" : string.Join(" or ", target.Access.Select(Describe))),
        ("chap users", string.Join(", ", target.ChapUsers)), ("chap outgoing", target.ChapOutgoingUser),
        .. target.Luns.Select(lun =>
            ($"lun {lun.Number}", (string?)$"{lun.Unit}{(lun.Initiators.Count > 0 ? $" for {string.Join(", ", lun.Initiators)}" : "")}")),
    ];

    private static string Describe(AccessRuleView rule)
    {
        string addresses = rule.Addresses.Count == 0 ? "" : $"addresses {string.Join(", ", rule.Addresses)}";
        string initiators = rule.Initiators.Count == 0 ? "" : $"initiators {string.Join(", ", rule.Initiators)}";
        return addresses.Length > 0 && initiators.Length > 0 ? $"{addresses} with {initiators}" : addresses + initiators;
    }

    private static Option<string[]> Addresses() =>
        new("--address", "-a") { Description = "Initiators may connect from it: an address, a network (10.0.0.0/8), or all.", HelpName = "ADDRESS" };

    private static Option<string[]> Initiators() =>
        new("--initiator", "-i") { Description = "Initiators may have this name; * stands for any characters.", HelpName = "PATTERN" };

    private static Option<string[]> Users() =>
        new("--chap") { Description = "A CHAP account of initiators: its user and the file that holds its secret.", HelpName = "USER=SECRET_FILE" };

    private static Command Add()
    {
        var name = new Argument<string>("name") { Description = "Name of the target in the transport, for example iqn.2026-11.org.example:db." };
        var key = new Option<string?>("--key") { Description = "A short name for tgtctl and plans. Default: the target's name.", HelpName = "NAME" };
        var transport = new Option<string>("--transport") { Description = "The transport.", HelpName = "NAME", DefaultValueFactory = _ => "iscsi" };
        Option<string[]> options = ToolContext.Pairs("--option", "An option of the target in its transport.");
        var luns = new Option<string[]>("--lun") { Description = "A LUN with its unit, for example 1=db.", HelpName = "NUMBER=UNIT" };
        Option<string[]> addresses = Addresses();
        Option<string[]> initiators = Initiators();
        Option<string[]> users = Users();
        return ToolContext.Command("add", "Makes a target. Without --address or --initiator nobody can log in.",
            [name, key, transport, options, luns, addresses, initiators, users], async (result, client) =>
        {
            Dictionary<string, string> values = ToolContext.Split(result.GetValue(options));
            values["name"] = result.GetValue(name)!;
            var request = new AddTargetRequest(
                result.GetValue(key), result.GetValue(transport)!, values, Rules(result.GetValue(addresses), result.GetValue(initiators)),
                Accounts(result.GetValue(users)),
                [.. ToolContext.Split(result.GetValue(luns)).Select(pair => new LunView(LunCommands.Number(pair.Key), pair.Value, []))],
                Environment.CurrentDirectory);
            _ = await client.SendAsync(HttpMethod.Post, "v1/targets", request, ControlJson.Default.AddTargetRequest);
            return ExitStatus.Ok;
        });
    }

    private static Command Remove()
    {
        Argument<string> name = Name();
        var force = new Option<bool>("--force") { Description = "Closes its sessions first." };
        return ToolContext.Command("remove", "Removes a target; its units stay.", [name, force], async (result, client) =>
        {
            await client.DeleteAsync($"v1/targets/{ToolContext.Escape(result.GetValue(name)!)}{(result.GetValue(force) ? "?force=true" : "")}");
            return ExitStatus.Ok;
        });
    }

    private static Command Access()
    {
        Argument<string> name = Name();
        Option<string[]> addresses = Addresses();
        Option<string[]> initiators = Initiators();
        var nobody = new Option<bool>("--nobody") { Description = "Lets nobody in." };
        return ToolContext.Command("access", "Says who may log in; sessions of others are closed.", [name, addresses, initiators, nobody], (result, client) =>
        {
            IReadOnlyList<AccessRuleView> rules = Rules(result.GetValue(addresses), result.GetValue(initiators));
            if (rules.Count == 0 != result.GetValue(nobody))
                throw new ToolException(ExitStatus.Invalid, "either --address and --initiator are wanted, or --nobody");
            return ChangeAsync(client, result.GetValue(name)!, new ChangeTargetRequest(Access: rules));
        });
    }

    private static Command Accounts()
    {
        Argument<string> name = Name();
        Option<string[]> users = Users();
        var none = new Option<bool>("--none") { Description = "Asks for no authentication." };
        return ToolContext.Command("chap", "Says with which CHAP accounts initiators log in; sessions that are there stay.", [name, users, none],
            (result, client) =>
        {
            AccountRequest[] accounts = Accounts(result.GetValue(users));
            if (accounts.Length == 0 != result.GetValue(none)) throw new ToolException(ExitStatus.Invalid, "either --chap is wanted, or --none");
            return ChangeAsync(client, result.GetValue(name)!, new ChangeTargetRequest(Accounts: accounts));
        });
    }

    private static Command Online(bool online)
    {
        Argument<string> name = Name();
        return ToolContext.Command(
            online ? "online" : "offline", online ? "Lets initiators log in again." : "Closes all sessions and lets nobody log in.", [name],
            (result, client) => ChangeAsync(client, result.GetValue(name)!, new ChangeTargetRequest(Online: online)));
    }

    private static IReadOnlyList<AccessRuleView> Rules(string[]? addresses, string[]? initiators) =>
        addresses is { Length: > 0 } || initiators is { Length: > 0 } ? [new AccessRuleView(addresses ?? [], initiators ?? [])] : [];

    private static AccountRequest[] Accounts(string[]? users) => [.. ToolContext.Split(users).Select(pair =>
    {
        string path = Path.GetFullPath(pair.Value);
        return SecretFile.TryRead(path, out Secret? secret, out string? problem) ? new AccountRequest(pair.Key, secret.Bytes.ToArray(), path)
            : throw new ToolException(ExitStatus.Invalid, problem);
    })];
}
