namespace TgtModular.TgtSocket.Model;

/// <summary>
/// The text of a request: <c>name=value</c> joined by commas, then perhaps <c>targetOps</c> or <c>portalOps</c> with parameters of their own. A comma that
/// no known name follows belongs to the value before it.
/// </summary>
internal sealed class RequestBody
{
    public const string Path = "path";
    public const string StoreType = "bstype";
    public const string StoreOptions = "bsopts";
    public const string StoreFlags = "bsoflags";
    public const string BlockSize = "blocksize";
    public const string TargetName = "targetname";
    public const string InitiatorAddress = "initiator-address";
    public const string InitiatorName = "initiator-name";
    public const string User = "user";
    public const string Password = "password";

    private static readonly string[] Names =
        [Path, StoreType, StoreOptions, StoreFlags, BlockSize, TargetName, InitiatorAddress, InitiatorName, User, Password];

    private static readonly string[] ParameterMarks = ["targetOps ", "portalOps "];

    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    private RequestBody(string text)
    {
        Text = text;
    }

    /// <summary>All of it.</summary>
    public string Text { get; }

    /// <summary>The parameters, in order; a name without a value has none.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Parameters { get; private set; } = [];

    public static RequestBody Parse(string text)
    {
        var body = new RequestBody(text);
        string? last = null;
        foreach (string part in CutParameters(text, body).Split(','))
        {
            string? name = Names.FirstOrDefault(known => part.StartsWith(known, StringComparison.Ordinal) && part.AsSpan(known.Length).StartsWith("="));
            if (name is not null)
            {
                last = name;
                body._values[name] = part[(name.Length + 1)..];
            }
            else if (last is not null && part.Length > 0)
            {
                body._values[last] += "," + part;
            }
        }

        return body;
    }

    /// <summary>A value; null when it was not given, or empty.</summary>
    public string? Find(string name) => _values.TryGetValue(name, out string? value) && value.Length > 0 ? value : null;

    private static string CutParameters(string text, RequestBody body)
    {
        foreach (string mark in ParameterMarks)
        {
            int at = text.IndexOf(mark, StringComparison.Ordinal);
            if (at < 0 || (at > 0 && text[at - 1] != ',')) continue;
            body.Parameters = [.. text[(at + mark.Length)..].Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Pair)];
            return text[..at];
        }

        return text;
    }

    private static KeyValuePair<string, string?> Pair(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? new(text, null) : new(text[..equals], text[(equals + 1)..]);
    }
}
