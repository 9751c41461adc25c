namespace TgtModular.Toml.Tests;

/// <summary>Reading in one word, for tests.</summary>
internal static class Toml
{
    public const string File = "test.toml";

    public static TomlTable Valid(string text, TomlReadOptions? options = null)
    {
        TomlParseResult result = TomlDocument.Parse(text, File, options);
        Assert.IsTrue(result.Success, string.Join('\n', result.Diagnostics));
        return result.Root;
    }

    /// <summary>The diagnostics as <c>line:column: message</c>.</summary>
    public static string[] Errors(string text, TomlReadOptions? options = null) => Errors(TomlDocument.Parse(text, File, options));

    public static string[] Errors(TomlParseResult result)
    {
        Assert.IsFalse(result.Success, "the document was accepted");
        Assert.IsNotEmpty(result.Diagnostics);
        return [.. result.Diagnostics.Select(d => d.ToString()[(File.Length + 1)..])];
    }
}
