using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Tgt.Protocol;
using TgtModular.TgtSocket.Model;

namespace TgtModular.TgtSocket.Modes;

/// <summary>Accounts: a list of all, bound to targets and to discovery.</summary>
internal sealed class AccountMode : IModeHandler
{
    public ValueTask<ManagementResponse> HandleAsync(Call call, CancellationToken cancellationToken) => call.Request.Operation switch
    {
        ManagementOperation.Show => Answers.Now(Show(call)),
        ManagementOperation.New => Answers.Now(New(call)),
        ManagementOperation.Delete => DeleteAsync(call, cancellationToken),
        ManagementOperation.Bind => BindAsync(call, cancellationToken),
        ManagementOperation.Unbind => UnbindAsync(call, cancellationToken),
        _ => Answers.Now(ManagementError.InvalidRequest),
    };

    private static ManagementResponse Show(Call call) => Answers.Text(call.Model.Accounts.Count == 0
        ? ""
        : $"Account list:\n{string.Concat(call.Model.Accounts.Select(account => $"    {account.User}\n"))}");

    private static ManagementError New(Call call)
    {
        if (call.Body.Find(RequestBody.User) is not { } user || call.Body.Find(RequestBody.Password) is not { } password) return ManagementError.InvalidRequest;
        if (call.Model.FindAccount(user) is not null) return ManagementError.AccountExists;
        call.Model.Accounts.Insert(0, new TgtAccount(user, password));
        return ManagementError.None;
    }

    /// <summary>An account that goes is taken from everything it was bound to.</summary>
    private static async ValueTask<ManagementResponse> DeleteAsync(Call call, CancellationToken cancellationToken)
    {
        if (call.Body.Find(RequestBody.User) is not { } user) return Answers.Invalid;
        if (call.Model.FindAccount(user) is not { } account) return new ManagementResponse(ManagementError.NoAccount);
        foreach (TgtTarget target in call.Model.Targets.Where(target => target.Outgoing == user || target.Incoming.Contains(user)))
        {
            _ = target.Incoming.Remove(user);
            if (target.Outgoing == user) target.Outgoing = null;
            _ = call.Answer(await ApplyAsync(call, target, cancellationToken), ManagementError.Unknown);
        }

        if (call.Model.DiscoveryOutgoing == user || call.Model.DiscoveryIncoming.Contains(user))
        {
            _ = call.Model.DiscoveryIncoming.Remove(user);
            if (call.Model.DiscoveryOutgoing == user) call.Model.DiscoveryOutgoing = null;
            _ = call.Answer(await ApplyDiscoveryAsync(call, cancellationToken), ManagementError.Unknown);
        }

        _ = call.Model.Accounts.Remove(account);
        return ManagementResponse.Done;
    }

    private static async ValueTask<ManagementResponse> BindAsync(Call call, CancellationToken cancellationToken)
    {
        if (call.Body.Find(RequestBody.User) is not { } user) return Answers.Invalid;
        bool discovery = call.Request.TargetId == ManagementRequest.NoTarget;
        if (!discovery && call.Target is null) return Answers.NoTarget;
        if (call.Target is { IsForeign: true }) return Answers.Invalid;
        if (!discovery && !call.IsNetworked(call.Target!)) return new ManagementResponse(ManagementError.Unsupported);
        if (call.Model.FindAccount(user) is null) return new ManagementResponse(ManagementError.NoAccount);
        List<string> incoming = discovery ? call.Model.DiscoveryIncoming : call.Target!.Incoming;
        if (call.Request.AccountDirection == ManagementRequest.DirectionOutgoing)
        {
            if ((discovery ? call.Model.DiscoveryOutgoing : call.Target!.Outgoing) is not null)
                return new ManagementResponse(ManagementError.OutgoingAccountExists);
            SetOutgoing(call, user);
        }
        else
        {
            if (incoming.Contains(user)) return new ManagementResponse(ManagementError.AccountExists);
            incoming.Add(user);
        }

        ControlResult result = await ApplyAsync(call, call.Target, cancellationToken);
        if (result.IsOk) return ManagementResponse.Done;
        if (call.Request.AccountDirection == ManagementRequest.DirectionOutgoing) SetOutgoing(call, null);
        else _ = incoming.Remove(user);
        return call.Answer(result, ManagementError.Unknown);
    }

    private static async ValueTask<ManagementResponse> UnbindAsync(Call call, CancellationToken cancellationToken)
    {
        if (call.Body.Find(RequestBody.User) is not { } user) return Answers.Invalid;
        bool discovery = call.Request.TargetId == ManagementRequest.NoTarget;
        if (!discovery && call.Target is null) return Answers.NoTarget;
        if (call.Target is { IsForeign: true }) return Answers.Invalid;
        if (call.Request.AccountDirection == ManagementRequest.DirectionOutgoing)
        {
            if ((discovery ? call.Model.DiscoveryOutgoing : call.Target!.Outgoing) != user) return new ManagementResponse(ManagementError.NoAccount);
            SetOutgoing(call, null);
        }
        else if (!(discovery ? call.Model.DiscoveryIncoming : call.Target!.Incoming).Remove(user))
        {
            return new ManagementResponse(ManagementError.NoAccount);
        }

        return call.Answer(await ApplyAsync(call, call.Target, cancellationToken), ManagementError.Unknown);
    }

    private static void SetOutgoing(Call call, string? user)
    {
        if (call.Target is { } target) target.Outgoing = user;
        else call.Model.DiscoveryOutgoing = user;
    }

    private static ValueTask<ControlResult> ApplyAsync(Call call, TgtTarget? target, CancellationToken cancellationToken) => target is null
        ? ApplyDiscoveryAsync(call, cancellationToken)
        : call.Engine.ChangeTargetAsync(target.Key, new TargetChange { Chap = call.Model.Chap(target.Incoming, target.Outgoing) }, cancellationToken);

    private static ValueTask<ControlResult> ApplyDiscoveryAsync(Call call, CancellationToken cancellationToken)
    {
        TransportSpec spec = call.Driver!.Spec with { DiscoveryChap = call.Model.Chap(call.Model.DiscoveryIncoming, call.Model.DiscoveryOutgoing) };
        return call.Engine.ReconfigureTransportAsync(spec, cancellationToken);
    }
}
