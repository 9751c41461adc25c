using System.Buffers;

namespace TgtModular.Toml;

/// <summary>Which keys need no quotes (TOML 1.0.0, "Keys").</summary>
internal static class BareKey
{
    private static readonly SearchValues<char> Characters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_");

    public static bool IsOne(string key) => key.Length > 0 && !key.AsSpan().ContainsAnyExcept(Characters);
}
