namespace TgtModular.Toml.Tests;

/// <summary>Finds the cases of the toml-test project, which lie beside the repository or where TOML_TEST_DIR says.</summary>
internal static class TomlTestFiles
{
    private const string ListName = "files-toml-1.0.0";

    public static string? Directory { get; } = Find();

    /// <summary>The listed documents below <paramref name="folder"/>.</summary>
    public static IReadOnlyList<string> Documents(string folder)
    {
        if (Directory is null)
            Assert.Inconclusive("the toml-test cases are not here: neither TOML_TEST_DIR nor shared/toml-test beside the repository leads to them");
        return [.. File.ReadLines(Path.Combine(Directory, ListName)).Where(l => l.StartsWith(folder + "/", StringComparison.Ordinal) && l.EndsWith(".toml", StringComparison.Ordinal))];
    }

    public static byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Directory!, name));

    private static string? Find()
    {
        if (Environment.GetEnvironmentVariable("TOML_TEST_DIR") is { Length: > 0 } named)
            return HasList(named) ? named : null;
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (!File.Exists(Path.Combine(folder.FullName, "TgtModular.sln")))
                continue;
            string beside = Path.Combine(folder.FullName, "..", "shared", "toml-test");
            string above = Path.Combine(folder.FullName, "..", "..", "shared", "toml-test");
            return HasList(beside) ? beside : HasList(above) ? above : null;
        }

        return null;
    }

    private static bool HasList(string directory) => File.Exists(Path.Combine(directory, ListName));
}
