using TgtModular.Interop.Harness;
using TgtModular.Tgt.Tools.TargetsConf;

namespace TgtModular.Tgt.Tools.Tests.TargetsConf;

/// <summary>Layout, included files, and files that mean harm.</summary>
[TestClass]
public sealed class ConfigReaderTests
{
    private static readonly ConfigLimits Small = new(Depth: 4, Files: 10, Bytes: 4000, LineLength: 200, Nesting: 3);

    [TestMethod]
    public void Read_Layout_IsUnderstood()
    {
        string tree = Describe("""
            # comment
            a 1
            /* b 2
               c 3 */
            /* d 4 */
            <target "x y">   # comment
                long one \
                     two
                <store /p>
                </STORE>
                <empty z/>
            </target>
            """, out ConfigFindings findings);

        Assert.AreEqual("a=1@2 target=x y@6[long=one two@7 store=/p@9[] empty=z@11[]]", tree);
        Assert.AreEqual(0, findings.Errors);
    }

    [TestMethod]
    [DataRow("<target a>\n", "t.conf:1: <target a> has no </target>")]
    [DataRow("</target>\n", "t.conf:1: </target> closes nothing")]
    [DataRow("<a b>\n</c>\n", "t.conf:2: </c> closes <a b> of line 1")]
    [DataRow("<a b> c 1\n", "t.conf:1: a block's first line ends in '>', and nothing follows it")]
    [DataRow("= 3\n", "t.conf:1: a name is missing before '='")]
    [DataRow("/* a\n", "t.conf:1: the comment has no */")]
    [DataRow("a <<EOT\nEOT\n", "t.conf:1: here-documents are not read: no value has more than one line")]
    [DataRow("include\n", "t.conf:1: include needs a path")]
    [DataRow("\n\ninclude none.conf\n", "t.conf:3: DIR/none.conf: No such file or directory")]
    public void Read_Wrong_SaysFileAndLine(string text, string expected)
    {
        using TempDirectory directory = new();
        ConfigFindings findings = new();
        _ = new ConfigReader(findings, Small).Read(directory.Write("t.conf", text));

        Assert.AreEqual(expected, findings.Lines[0].Replace(directory.Path + "/t.conf", "t.conf", StringComparison.Ordinal).Replace(directory.Path, "DIR", StringComparison.Ordinal));
    }

    [TestMethod]
    public void Read_Include_TakesFilesDirectoriesAndPatterns()
    {
        using TempDirectory directory = new();
        _ = directory.Write("d/b.conf", "b 1\n");
        _ = directory.Write("d/a.conf", "a 1\n");
        _ = directory.Write("c.conf", "include d\n");
        ConfigFindings findings = new();

        List<ConfigNode> nodes = new ConfigReader(findings, Small).Read(directory.Write(
            "t.conf", $"include c.conf\n<target t>\ninclude {directory.Path}/d/*.conf\n</target>\ninclude nothing*.conf\nInclude \"d/a.conf\"\n"));

        Assert.AreEqual("a=1@1 b=1@1 target=t@2[a=1@1 b=1@1] a=1@1", Describe(nodes));
        Assert.AreEqual(0, findings.Errors);
    }

    [TestMethod]
    public void Read_IncludesItself_IsAnErrorAndEnds()
    {
        using TempDirectory directory = new();
        string file = directory.Write("t.conf", "include u.conf\na 1\n");
        _ = directory.Write("u.conf", "include v.conf\n");
        _ = File.CreateSymbolicLink(directory.File("v.conf"), file);

        StringAssert.Contains(Only(file), "u.conf:1: " + directory.File("v.conf") + " includes itself");
    }

    [TestMethod]
    public void Read_IncludesTooDeep_IsAnErrorAndEnds()
    {
        using TempDirectory directory = new();
        for (int i = 0; i < 20; i++) _ = directory.Write($"{i}.conf", $"include {i + 1}.conf\n");

        StringAssert.Contains(Only(directory.File("0.conf")), "more than 4 files include each other");
    }

    [TestMethod]
    public void Read_TooManyFiles_IsOneErrorAndEnds()
    {
        using TempDirectory directory = new();
        for (int i = 0; i < 50; i++) _ = directory.Write($"d/{i}.conf", "a 1\n");

        StringAssert.Contains(Only(directory.Write("t.conf", "include d\n")), "more than 10 files are included");
    }

    [TestMethod]
    public void Read_IncludesThatMultiply_AreBounded()
    {
        using TempDirectory directory = new();
        for (int i = 0; i < 3; i++) _ = directory.Write($"{i}.conf", string.Concat(Enumerable.Repeat($"include {i + 1}.conf\n", 50)));
        _ = directory.Write("3.conf", "a 1\n");

        StringAssert.Contains(Only(directory.File("0.conf")), "more than 10 files");
    }

    [TestMethod]
    public void Read_TooLongFile_IsAnError()
    {
        using TempDirectory directory = new();

        StringAssert.Contains(Only(directory.Write("t.conf", string.Concat(Enumerable.Repeat("a 1\n", 2000)))), "longer than 4000 bytes");
    }

    [TestMethod]
    [DataRow("/dev/zero", "longer than")]
    [DataRow("/", "cannot be read")]
    public void Read_NoFile_IsAnError(string path, string expected) => StringAssert.Contains(Only(path), expected);

    [TestMethod]
    public void Read_DevNull_IsAnEmptyConfiguration()
    {
        ConfigFindings findings = new();

        Assert.IsEmpty(new ConfigReader(findings, Small).Read("/dev/null"));

        Assert.AreEqual(0, findings.Errors);
    }

    [TestMethod]
    public void Read_TooLongLine_IsAnError()
    {
        using TempDirectory directory = new();

        StringAssert.Contains(Only(directory.Write("t.conf", $"a {new string('x', 300)}\n")), "t.conf:1: the line is longer than 200 characters");
        StringAssert.Contains(Only(directory.Write("u.conf", string.Concat(Enumerable.Repeat($"{new string('x', 50)}\\\n", 20)))), "u.conf:1: the line is longer than 200");
    }

    [TestMethod]
    public void Read_BlocksTooDeep_IsAnError()
    {
        using TempDirectory directory = new();

        StringAssert.Contains(Only(directory.Write("t.conf", "<a 1>\n<b 1>\n<c 1>\n<d 1>\n</d>\n</c>\n</b>\n</a>\n")), "t.conf:4: more than 3 blocks stand in each other");
    }

    [TestMethod]
    public void Read_RandomText_NeverThrows()
    {
        using TempDirectory directory = new();
        Random random = new(7);
        string[] pieces = ["<", ">", "/", "target", " a", "\n", "\\", "#", "\"", "=", "include ", "*", "/*", "*/", "lun 1", "\t", "</", "é", "\0", "t.conf"];
        for (int round = 0; round < 300; round++)
        {
            string text = string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => pieces[random.Next(pieces.Length)]));
            _ = TargetsReader.Read(directory.Write("t.conf", text), new ConfigFindings(), Small);
        }
    }

    private static string Only(string path)
    {
        ConfigFindings findings = new();
        _ = new ConfigReader(findings, Small).Read(path);
        Assert.HasCount(1, findings.Lines, string.Join('\n', findings.Lines));
        Assert.AreEqual(1, findings.Errors);
        return findings.Lines[0];
    }

    private static string Describe(string text, out ConfigFindings findings)
    {
        using TempDirectory directory = new();
        findings = new ConfigFindings();
        return Describe(new ConfigReader(findings, ConfigLimits.Default).Read(directory.Write("t.conf", text)));
    }

    private static string Describe(IEnumerable<ConfigNode> nodes) => string.Join(
        ' ', nodes.Select(node => $"{node.Name}={node.Value}@{node.Place.Line}{(node.Children is { } children ? $"[{Describe(children)}]" : "")}"));
}
