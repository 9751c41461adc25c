using System.Diagnostics.CodeAnalysis;
using TgtModular.Iscsi.Protocol.Auth;
using TgtModular.Transports;
using WireCredential = TgtModular.Iscsi.Protocol.Auth.ChapCredential;

namespace TgtModular.Iscsi.Login;

/// <summary>The accounts of a target, or of discovery, as CHAP asks for them.</summary>
internal sealed class ChapAccounts(Authentication accounts) : IChapCredentials
{
    public WireCredential? Own => accounts.Outgoing is { } own ? new WireCredential(own.User, own.Secret) : null;

    /// <summary>What initiators must do to prove who they are.</summary>
    public static ITargetAuthentication Require(Authentication accounts, ChapPolicy policy) =>
        accounts.Required ? new ChapAuthentication(new ChapAccounts(accounts), policy) : NoAuthentication.Instance;

    public bool TryFind(string name, [NotNullWhen(true)] out WireCredential? credential)
    {
        TgtModular.Transports.ChapCredential? account = accounts.Incoming.FirstOrDefault(candidate => candidate.User == name);
        credential = account is null ? null : new WireCredential(account.User, account.Secret);
        return credential is not null;
    }
}
