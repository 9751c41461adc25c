using TgtModular.Toml;

namespace TgtModular.Core.Configuration.Binding;

/// <summary>Binds lists of CHAP accounts.</summary>
internal sealed class ChapBinder(BindingContext context)
{
    /// <summary>RFC 7143 section 9.2.1: secrets of fewer than 96 random bits are not to be used without IPsec.</summary>
    private const int AdvisedSecretLength = 12;

    private const string Form = "{ user = \"...\", secret_file = \"...\" }";

    public ChapSpec Bind(TableReader owner, string incomingKey, string outgoingKey)
    {
        var incoming = new List<ChapAccountSpec>();
        foreach (TomlTable table in owner.TableList(incomingKey, Form) ?? [])
        {
            if (Account(table, $"'{incomingKey}' of {owner.What}") is not { } account) continue;
            if (incoming.Any(other => other.User == account.User))
                context.Problems.Error(table.Position, $"user '{account.User}' comes twice in '{incomingKey}' of {owner.What}");
            else incoming.Add(account);
        }

        ChapAccountSpec? outgoing = owner.Table(outgoingKey) is { } outgoingTable ? Account(outgoingTable, $"'{outgoingKey}' of {owner.What}") : null;
        if (outgoing is not null && incoming.Count == 0 && owner.PositionOf(incomingKey) == default)
            context.Problems.Error(owner.PositionOf(outgoingKey),
                $"'{outgoingKey}' of {owner.What} needs '{incomingKey}': only an initiator that proves itself may ask the target to");
        if (outgoing is not null && incoming.Any(account => account.Secret.Equals(outgoing.Secret)))
            context.Problems.Error(owner.PositionOf(outgoingKey),
                $"'{outgoingKey}' of {owner.What} has the secret of an incoming account; RFC 7143 section 12.1.3 forbids one secret for both directions");
        return new ChapSpec(incoming.ToValueList(), outgoing);
    }

    private ChapAccountSpec? Account(TomlTable table, string what)
    {
        var reader = new TableReader(table, what, context.Problems);
        string? user = reader.Text("user");
        string? path = reader.Text("secret_file");
        reader.RefuseRest();
        if (user is null && !table.ContainsKey("user")) reader.Error($"{what} has no 'user'");
        if (path is null)
        {
            if (!table.ContainsKey("secret_file")) reader.Error($"{what} has no 'secret_file'");
            return null;
        }

        string absolute = Path.GetFullPath(path, context.BaseDirectory);
        if (!SecretFile.TryRead(absolute, out Secret? secret, out string? problem))
        {
            context.Problems.Error(reader.PositionOf("secret_file"), problem);
            return null;
        }

        if (secret.Bytes.Length < AdvisedSecretLength)
            context.Problems.Warning(reader.PositionOf("secret_file"),
                $"the secret in '{absolute}' is shorter than the {AdvisedSecretLength} bytes that RFC 7143 asks for");
        return user is null ? null : new ChapAccountSpec(user, secret, absolute);
    }
}
