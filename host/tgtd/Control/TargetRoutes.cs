using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Control.Wire;

namespace TgtModular.Daemon.Control;

/// <summary>Targets, made, changed and removed.</summary>
internal sealed class TargetRoutes(ControlContext context)
{
    public void Map(RouteGroupBuilder api)
    {
        _ = api.MapPost("/targets", AddAsync);
        _ = api.MapPatch("/targets/{key}", ChangeAsync);
        _ = api.MapDelete("/targets/{key}", async http =>
            await Answers.WriteAsync(http,
                await context.Engine.RemoveTargetAsync(Answers.RouteText(http, "key"), Answers.HasFlag(http, "force"), CancellationToken.None)));
    }

    private async Task AddAsync(HttpContext http)
    {
        if (await Answers.ReadAsync(http, ControlJson.Default.AddTargetRequest) is not { } request) return;
        EngineSnapshot now = context.Engine.GetSnapshot();
        var problems = new List<string>();
        var rest = new TargetSpec(request.Name ?? "")
        {
            Access = Access(request.Access, problems),
            Chap = new ChapSpec(request.Accounts.Select(Account).ToValueList(), null),
            Luns = request.Luns.Select(lun => Lun(lun, problems)).ToValueList(),
        };
        TransportSpec[] transports = [.. now.Transports.Select(status => status.Spec)];
        if (transports.All(transport => transport.Name != request.Transport)) problems.Add($"there is no transport '{request.Transport}'");
        if (problems.Count > 0)
        {
            await Answers.RefuseAsync(http, ControlError.Invalid, problems);
            return;
        }

        (TargetSpec? target, IReadOnlyList<string> wrong) = new RuntimeBinder(context.Schemas, request.WorkingDirectory).BindTarget(
            request.Name, request.Transport, request.Options, rest, transports, [.. now.Units.Select(status => status.Spec.Name)]);
        if (target is null) await Answers.RefuseAsync(http, ControlError.Invalid, wrong);
        else await Answers.WriteAsync(http, await context.Engine.AddTargetAsync(target, Owner.Runtime, CancellationToken.None));
    }

    private async Task ChangeAsync(HttpContext http)
    {
        if (await Answers.ReadAsync(http, ControlJson.Default.ChangeTargetRequest) is not { } request) return;
        string key = Answers.RouteText(http, "key");
        if (context.Engine.GetSnapshot().Targets.FirstOrDefault(status => status.Spec.Key == key)?.Spec is not { } target)
        {
            await Answers.WriteAsync(http, ControlResult.NotFound("target", key));
            return;
        }

        var problems = new List<string>();
        foreach (int number in (request.RemoveLuns ?? []).Where(number => target.Luns.All(lun => lun.Number != number)))
            problems.Add($"target '{key}' has no LUN {number}");
        ValueList<LunSpec> added = (request.AddLuns ?? []).Select(lun => Lun(lun, problems)).ToValueList();
        foreach (LunSpec lun in added)
        {
            LunSpec? taken = target.Luns.FirstOrDefault(other => other.Number == lun.Number
                && (other.Initiators.Count == 0 || other.Initiators.Equals(lun.Initiators)));
            if (taken is not null && !(request.RemoveLuns ?? []).Contains(lun.Number))
                problems.Add($"LUN {lun.Number} of target '{key}' is unit '{taken.Unit}' already");
        }

        var change = new TargetChange
        {
            Access = request.Access is null ? null : Access(request.Access, problems),
            Chap = request.Accounts is null ? null : target.Chap with { Incoming = request.Accounts.Select(Account).ToValueList() },
            Online = request.Online,
            RemoveLuns = target.Luns.Where(lun => (request.RemoveLuns ?? []).Contains(lun.Number)).ToValueList(),
            AddLuns = added,
        };
        if (problems.Count > 0) await Answers.RefuseAsync(http, ControlError.Invalid, problems);
        else await Answers.WriteAsync(http, await context.Engine.ChangeTargetAsync(key, change, CancellationToken.None));
    }

    private static ChapAccountSpec Account(AccountRequest account) => new(account.User, new Secret(account.Secret), account.SecretFile);

    private static LunSpec Lun(LunView lun, List<string> problems)
    {
        if (lun.Number is < 0 or > Scsi.Lun.MaxNumber) problems.Add($"{lun.Number} is no LUN: 0 to {Scsi.Lun.MaxNumber} is wanted");
        return new LunSpec(lun.Number, lun.Unit, lun.Initiators.Select(text => new NamePattern(text)).ToValueList());
    }

    private static AccessRules Access(IReadOnlyList<AccessRuleView> rules, List<string> problems)
    {
        var result = new List<AccessRule>();
        foreach (AccessRuleView rule in rules)
        {
            var addresses = new List<AddressPattern>();
            foreach (string text in rule.Addresses)
            {
                if (AddressPattern.TryParse(text, out AddressPattern? pattern, out string? problem)) addresses.Add(pattern);
                else problems.Add(problem);
            }

            result.Add(new AccessRule(addresses.ToValueList(), rule.Initiators.Select(text => new NamePattern(text)).ToValueList()));
        }

        return new AccessRules(result.ToValueList());
    }
}
