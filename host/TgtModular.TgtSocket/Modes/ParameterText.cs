namespace TgtModular.TgtSocket.Modes;

/// <summary>The body of an update: one name with its value.</summary>
internal static class ParameterText
{
    /// <summary>Name and value; both null for a text that is no pair.</summary>
    public static (string? Name, string? Value) Read(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals <= 0 ? (null, null) : (text[..equals], text[(equals + 1)..]);
    }
}
