using System.Text;

namespace TgtModular.Toml.Tests;

/// <summary>Mutates the documents of the corpus. The seed is fixed; TOML_FUZZ_SEED and TOML_FUZZ_COUNT make other and longer runs.</summary>
[TestClass]
public sealed class FuzzTests
{
    private static readonly string[] Tokens =
    [
        "\"", "\"\"\"", "'", "'''", "\\", "\\u", "\\U0010FFFF", "\\e", "\\x", "#", "[", "]", "[[", "]]", "{", "}", "=", ",", ".", "_", "-", "+", ":", "\n", "\r\n", "\r", " ", "\t",
        "0x", "1e", "inf", "nan", "true", "1979-05-27", "T07:32:00", "07:32", "Z", "+01:00", "99999999999999999999", "a.b = 1\n", "[a.b]\n", "[[a]]\n", "\uFEFF", "\uFFFD", "\0", "é", "\U0001F600",
    ];

    public TestContext TestContext { get; set; } = null!;

    [TestMethod]
    [Timeout(600_000, CooperativeCancellation = false)]
    public void Parse_MutatedDocuments_NeverThrowsAndWritesBackEqual()
    {
        byte[][] corpus = [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Corpus"), "*.toml").Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];
        Assert.HasCount(6, corpus);
        int seed = FromEnvironment("TOML_FUZZ_SEED", 20261104);
        int count = FromEnvironment("TOML_FUZZ_COUNT", 100_000);
        var random = new Random(seed);
        int accepted = 0;
        byte[] document = corpus[0];
        for (int i = 0; i < count; i++)
        {
            // Short chains of mutations: each starts at the corpus again, so that some stay near what is valid.
            document = Mutate(i % 4 == 0 ? corpus[random.Next(corpus.Length)] : document, corpus, random);
            TomlParseResult result = TomlDocument.Parse(document, Toml.File);
            if (Check(document, result) is { } problem)
                Assert.Fail($"seed {seed}, iteration {i}: {problem}\n{Convert.ToBase64String(document)}");
            accepted += result.Success ? 1 : 0;
        }

        TestContext.WriteLine($"{accepted} of {count} documents were valid");
        Assert.IsInRange(count / 20, count - (count / 20), accepted, "the mutations are too wild or too tame to tell anything");
    }

    private static string? Check(byte[] document, TomlParseResult result)
    {
        if (!result.Success)
        {
            int lines = document.Count(b => b == '\n') + 1;
            return result.Diagnostics.Count == 0 ? "refused without a reason"
                : result.Diagnostics.FirstOrDefault(d => d.Position.Line < 1 || d.Position.Line > lines || d.Position.Column < 1 || d.Message.AsSpan().ContainsAny('\n', '\r')) is { } odd
                ? $"odd diagnostic {odd}" : null;
        }

        string written = TomlWriter.Write(result.Root);
        TomlParseResult again = TomlDocument.Parse(written, Toml.File);
        return !again.Success ? $"what was written is refused: {again.Diagnostics[0]}" : again.Root.Equals(result.Root) ? null : "what was written reads back different";
    }

    private static byte[] Mutate(byte[] document, byte[][] corpus, Random random)
    {
        int at = random.Next(document.Length + 1);
        int length = Math.Min(random.Next(1, 12), document.Length - at);
        byte[] insert = random.Next(8) switch
        {
            0 => [(byte)random.Next(256)],
            1 => [],
            2 => Slice(corpus[random.Next(corpus.Length)], random),
            3 => Slice(document, random),
            _ => Encoding.UTF8.GetBytes(Tokens[random.Next(Tokens.Length)]),
        };
        byte[] tail = document[(at + (random.Next(2) == 0 ? length : 0))..];
        byte[] mutated = [.. document[..at], .. insert, .. tail];
        return mutated.Length <= 2048 ? mutated : mutated[..2048];
    }

    private static byte[] Slice(byte[] document, Random random)
    {
        int start = random.Next(document.Length + 1);
        return document[start..Math.Min(document.Length, start + random.Next(80))];
    }

    private static int FromEnvironment(string name, int fallback) => int.TryParse(Environment.GetEnvironmentVariable(name), out int value) ? value : fallback;
}
