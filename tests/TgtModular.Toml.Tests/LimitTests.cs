using System.Text;

namespace TgtModular.Toml.Tests;

[TestClass]
public sealed class LimitTests
{
    private const int Large = 4 * 1024 * 1024;

    public static IEnumerable<object[]> HostileDocuments()
    {
        (string Name, string Head, string Repeated)[] shapes =
        [
            ("open brackets", "a = ", "["),
            ("open braces", "a = ", "{a="),
            ("dotted key", string.Empty, "a."),
            ("dotted header", "[", "a."),
            ("integers", "a = [", "1,"),
            ("empty tables", "a = [", "{},"),
            ("headers", string.Empty, "[[a]]\n"),
            ("same key", string.Empty, "a=1\n"),
            ("newlines in a string", "a = \"", "\n"),
            ("newlines in a multi-line string", "a = \"\"\"", "\n"),
            ("quotes", string.Empty, "\""),
            ("quotes in a multi-line string", "a = '''", "x''"),
            ("quotes in an array", "a = [", "'\n"),
            ("unknown escapes", "a = \"", "\\q"),
            ("backslashes before blanks", "a = \"\"\"", "\\ x"),
            ("line continuations", "a = \"\"\"", "\\\n"),
            ("underscores", "a = 1", "_"),
            ("long numbers", "a = [", new string('1', 60_000) + ","),
            ("long wrong numbers", "a = [", "1" + new string('_', 60_000) + ","),
            ("numbers refused by the lexer alone", "a = [", "0x00000000000000000001,"),
            ("bare key", string.Empty, "a"),
            ("control characters", "#", "\0"),
            ("carriage returns", string.Empty, "\r"),
            ("byte order marks", string.Empty, "\uFEFF\n"),
            ("replacement characters", "a = '", "\uFFFD"),
            ("wide characters", string.Empty, "\U0001F600\n"),
            ("stray characters", string.Empty, "!\n"),
            ("broken arrays", string.Empty, "a=[!\n"),
            ("open inline tables", string.Empty, "a={\n"),
        ];
        return shapes.Select(s => new object[] { s.Name, s.Head, s.Repeated });
    }

    /// <summary>A document of 4 MiB may cost what its text, the values allowed and 100 recoveries cost; what grows with its square does not end in a minute.</summary>
    [TestMethod]
    [Timeout(60_000, CooperativeCancellation = false)]
    [DynamicData(nameof(HostileDocuments))]
    public void Parse_HostileDocument_CostsNoMoreThanItsSize(string name, string head, string repeated)
    {
        string text = new StringBuilder(head, Large + repeated.Length).Insert(head.Length, repeated, (Large - head.Length) / repeated.Length).ToString();
        TomlReadOptions options = new() { MaximumValues = 100_000 };

        long before = GC.GetAllocatedBytesForCurrentThread();
        TomlParseResult result = TomlDocument.Parse(text, Toml.File, options);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.IsLessThanOrEqualTo(options.MaximumDiagnostics + 1, result.Diagnostics.Count, name);
        long bound = (3 + result.Diagnostics.Count) * sizeof(char) * (long)text.Length + (100_000 * 800L) + (16 << 20);
        Assert.IsLessThan(bound, allocated, name);
    }

    [TestMethod]
    public void Parse_LargerThanAllowed_IsRefusedUnread()
    {
        TomlReadOptions options = new() { MaximumSize = 10 };
        Assert.AreEqual("1:1: the document has 11 characters; at most 10 are read", Toml.Errors("a = 1 #5678", options).Single());
        Assert.AreEqual("1:1: the document has 12 bytes; at most 10 are read", Toml.Errors(TomlDocument.Parse("a = 'é' #56"u8, Toml.File, options)).Single());
        _ = Toml.Valid("a = 1 #567", options);
        Assert.AreEqual(16 * 1024 * 1024, TomlReadOptions.Default.MaximumSize);
    }

    [TestMethod]
    [DataRow("a = [[[]]]", null)]
    [DataRow("a = [[[[]]]]", "1:8")]
    [DataRow("a = {b={c={}}}", null)]
    [DataRow("a = {b={c={d={}}}}", "1:14")]
    [DataRow("a.b.c.d = 1", null)]
    [DataRow("a.b.c.d = []", "1:11")]
    [DataRow("a.b.c.d.e = 1", "1:1")]
    [DataRow("[a.b.c]", null)]
    [DataRow("[a.b.c.d]", "1:1")]
    [DataRow("[a.b.c]\nd = 1", null)]
    [DataRow("[a.b.c]\nd = []", "2:5")]
    [DataRow("[a.b.c]\nd.e = 1", "2:1")]
    [DataRow("[[a]]\n[a.b]", null)]
    [DataRow("[[a]]\n[[a.b]]", "2:1")]
    [DataRow("[[a]]\nb = {c = 1}", null)]
    [DataRow("[[a]]\nb = [{}]", "2:6")]
    public void Parse_DeeperThanAllowed_IsRefused(string text, string? expected)
    {
        TomlParseResult result = TomlDocument.Parse(text, Toml.File, new TomlReadOptions { MaximumDepth = 3 });
        Assert.AreEqual(expected, result.Diagnostics.SingleOrDefault()?.Position.ToString());
    }

    [TestMethod]
    public void Parse_DefaultDepth_IsSixtyFour()
    {
        _ = Toml.Valid("a = " + new string('[', 64) + new string(']', 64));
        Assert.AreEqual("1:69: tables and arrays are nested more than 64 deep", Toml.Errors("a = " + new string('[', 65) + new string(']', 65)).Single());
    }

    [TestMethod]
    public void Parse_DeepestAllowed_NeedsLittleStack()
    {
        TomlReadOptions options = new() { MaximumDepth = 256 };
        string text = "a = " + string.Concat(Enumerable.Repeat("[{b=", 128)) + "1" + string.Concat(Enumerable.Repeat("}]", 128));
        TomlTable? root = null;
        var thread = new Thread(() => root = TomlDocument.Parse(text, Toml.File, options).Root, maxStackSize: 128 * 1024);
        thread.Start();
        thread.Join();
        Assert.IsNotNull(root);
        Assert.AreEqual(root, Toml.Valid(TomlWriter.Write(root), options));
        Assert.ThrowsExactly<ArgumentOutOfRangeException>(() => new TomlReadOptions { MaximumDepth = 257 });
    }

    [TestMethod]
    public void Parse_MoreValuesThanAllowed_StopsThere()
    {
        TomlReadOptions options = new() { MaximumValues = 3 };
        _ = Toml.Valid("a = [1, 2]", options);
        Assert.AreEqual("1:12: the document has more than 3 values", Toml.Errors("a = [1, 2, 3, x, y]", options).Single());
        Assert.AreEqual("2:1: the document has more than 3 values", Toml.Errors("[a.b.c]\n[d]\n[e]\nx = y", options).Single());
    }

    [TestMethod]
    public void Parse_MoreErrorsThanKept_SaysSo()
    {
        string[] errors = Toml.Errors(string.Concat(Enumerable.Repeat("!\n", 50)), new TomlReadOptions { MaximumDiagnostics = 5 });
        Assert.HasCount(6, errors);
        Assert.AreEqual("5:1: reading stopped after 5 errors", errors[^1]);
    }

    [TestMethod]
    public void Parse_LongestRun_IsRead()
    {
        string key = new('k', 64 * 1024);
        Assert.IsTrue(Toml.Valid($"{key} = 1").ContainsKey(key));
        Assert.AreEqual("1:1: 65537 characters without a quote or a blank: a key or value may have at most 65536", Toml.Errors($"{key}k = 1").Single());
        Assert.AreEqual(2, Toml.Valid($"a = 0.{new string('0', 60_000)}\nb = 2").Count);
    }
}
