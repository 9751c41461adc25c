using System.Text;

namespace TgtModular.Toml.Tests;

[TestClass]
public sealed class ReadingTests
{
    [TestMethod]
    public void Parse_EveryKindOfValue_GivesItsType()
    {
        TomlTable root = Toml.Valid("""
            s = "text"
            i = -7
            f = 2.5
            b = true
            odt = 1979-05-27T00:32:00.5-07:00
            ldt = 1979-05-27T07:32:00
            ld = 1979-05-27
            lt = 07:32:00.25
            a = [1]
            t = { k = 1 }
            """);

        Assert.AreEqual("text", ((TomlString)root["s"]).Value);
        Assert.AreEqual(-7, ((TomlInteger)root["i"]).Value);
        Assert.AreEqual(2.5, ((TomlFloat)root["f"]).Value);
        Assert.IsTrue(((TomlBoolean)root["b"]).Value);
        DateTimeOffset instant = ((TomlOffsetDateTime)root["odt"]).Value;
        Assert.IsTrue(instant.EqualsExact(new DateTimeOffset(1979, 5, 27, 0, 32, 0, 500, TimeSpan.FromHours(-7))));
        Assert.AreEqual(new DateTime(1979, 5, 27, 7, 32, 0), ((TomlLocalDateTime)root["ldt"]).Value);
        Assert.AreEqual(new DateOnly(1979, 5, 27), ((TomlLocalDate)root["ld"]).Value);
        Assert.AreEqual(new TimeOnly(7, 32, 0, 250), ((TomlLocalTime)root["lt"]).Value);
        Assert.AreEqual(new TomlArray([new TomlInteger(1)]), root["a"]);
        Assert.IsTrue(((TomlTable)root["t"]).Inline);
    }

    [TestMethod]
    public void Parse_Keys_KeepTheirOrder()
    {
        TomlTable root = Toml.Valid("z = 1\nb.y = 1\na = 1\n[m]\n[c]\n");
        Assert.AreEqual("z b a m c", string.Join(' ', root.Select(e => e.Key)));
    }

    [TestMethod]
    public void Parse_Positions_AreThoseOfKeysAndValues()
    {
        TomlTable root = Toml.Valid("# comment\n\n  key  =  \"v\"\n[ a . 'b' ]\nlist = [\n  1,\n\t{ c.d = true },\n]\n[[rows]]\n[[rows]]\nx=1\n");

        AssertAt(root, "key", keyAt: (3, 3), valueAt: (3, 11));
        TomlTable a = AssertAt<TomlTable>(root, "a", keyAt: (4, 3), valueAt: (4, 3));
        TomlTable b = AssertAt<TomlTable>(a, "b", keyAt: (4, 7), valueAt: (4, 1));
        TomlArray list = AssertAt<TomlArray>(b, "list", keyAt: (5, 1), valueAt: (5, 8));
        Assert.AreEqual(new TomlPosition(6, 3), list[0].Position);
        Assert.AreEqual(new TomlPosition(7, 2), list[1].Position);
        TomlTable c = AssertAt<TomlTable>((TomlTable)list[1], "c", keyAt: (7, 4), valueAt: (7, 4));
        AssertAt(c, "d", keyAt: (7, 6), valueAt: (7, 10));
        TomlArray rows = AssertAt<TomlArray>(root, "rows", keyAt: (9, 3), valueAt: (9, 1));
        Assert.AreEqual(new TomlPosition(10, 1), rows[1].Position);
        AssertAt((TomlTable)rows[1], "x", keyAt: (11, 1), valueAt: (11, 3));
    }

    [TestMethod]
    public void Parse_ColumnsBehindWideCharacters_CountCharacters()
    {
        TomlTable root = Toml.Valid("\"\U0001F600é\" = { '\U0001F600' = 1 } # \U0001F600\nb = \"\"\"\U0001F600\n\U0001F600\"\"\" #\nc = 1");
        AssertAt(root, "\U0001F600é", keyAt: (1, 1), valueAt: (1, 8));
        AssertAt((TomlTable)root["\U0001F600é"], "\U0001F600", keyAt: (1, 10), valueAt: (1, 16));
        AssertAt(root, "c", keyAt: (4, 1), valueAt: (4, 5));
    }

    [TestMethod]
    public void Parse_HeaderAfterLongerOne_TakesTheHeadersPosition()
    {
        TomlTable root = Toml.Valid("[a.b]\n[a]\n");
        Assert.AreEqual(new TomlPosition(2, 1), root["a"].Position);
        Assert.IsTrue(root.TryGetEntry("a", out TomlEntry entry));
        Assert.AreEqual(new TomlPosition(1, 2), entry.KeyPosition);
    }

    [TestMethod]
    [DataRow("a = 1")]
    [DataRow("a = 1\r\n")]
    [DataRow("\uFEFFa = 1")]
    [DataRow("\ta\t=\t1\t# end")]
    [DataRow("'a' = 0x0001")]
    public void Parse_WaysToWriteTheSame_AreEqual(string text)
    {
        var expected = new TomlTable();
        expected.Add("a", new TomlInteger(1));
        Assert.AreEqual(expected, Toml.Valid(text));
        Assert.AreEqual(expected, TomlDocument.Parse(Encoding.UTF8.GetBytes(text), Toml.File).Root);
        Assert.AreEqual(expected.GetHashCode(), Toml.Valid(text).GetHashCode());
    }

    [TestMethod]
    [DataRow("''", "")]
    [DataRow("'a\\b'", "a\\b")]
    [DataRow("\"\\u00e9\\U0001F600\\\"\\\\\\b\\t\\n\\f\\r\"", "é\U0001F600\"\\\b\t\n\f\r")]
    [DataRow("\"\"\"\nx\"\"\"", "x")]
    [DataRow("\"\"\"\r\nx\"\"\"", "x")]
    [DataRow("\"\"\"\n\nx\"\"\"", "\nx")]
    [DataRow("\"\"\"a\"\"\"\"\"", "a\"\"")]
    [DataRow("\"\"\"\"\"\"\"\"", "\"\"")]
    [DataRow("'''a''b'''''", "a''b''")]
    [DataRow("'''\\q'''", "\\q")]
    [DataRow("\"\"\"a \\ \t\r\n \n\t b\"\"\"", "a b")]
    [DataRow("\"\"\"a\\\n\"\"\"", "a")]
    [DataRow("\"\"\"a\\  \n\"\"\"", "a")]
    [DataRow("\"\uFFFD\"", "\uFFFD")]
    [DataRow("'\uFFFC\uFFFD\uFEFF'", "\uFFFC\uFFFD\uFEFF")]
    [DataRow("'# no comment'", "# no comment")]
    public void Parse_String_GivesItsCharacters(string text, string expected) => Assert.AreEqual(expected, ((TomlString)Toml.Valid($"a = {text}")["a"]).Value);

    [TestMethod]
    [DataRow("0", 0L)]
    [DataRow("-0", 0L)]
    [DataRow("+1_2_3", 123L)]
    [DataRow("9223372036854775807", long.MaxValue)]
    [DataRow("-9223372036854775808", long.MinValue)]
    [DataRow("0x7FFF_ffff_FFFF_ffff", long.MaxValue)]
    [DataRow("0o777777777777777777777", long.MaxValue)]
    [DataRow("0b0000000000000000000000000000000000000000000000000000000000000000000101", 5L)]
    [DataRow("0x00000000000000000000001", 1L)]
    public void Parse_Integer_GivesItsValue(string text, long expected) => Assert.AreEqual(expected, ((TomlInteger)Toml.Valid($"a = {text}")["a"]).Value);

    [TestMethod]
    [DataRow("0.0", 0.0)]
    [DataRow("1e1_0", 1e10)]
    [DataRow("1_0.2_5E-02", 0.1025)]
    [DataRow("+inf", double.PositiveInfinity)]
    [DataRow("-inf", double.NegativeInfinity)]
    [DataRow("nan", double.NaN)]
    [DataRow("-nan", double.NaN)]
    public void Parse_Float_GivesItsValue(string text, double expected) => Assert.AreEqual(expected, ((TomlFloat)Toml.Valid($"a = {text}")["a"]).Value);

    [TestMethod]
    public void Parse_NegativeZero_KeepsItsSign() => Assert.IsTrue(double.IsNegative(((TomlFloat)Toml.Valid("a = -0.0")["a"]).Value));

    [TestMethod]
    public void Parse_FractionFinerThanTicks_IsCutNotRounded() =>
        Assert.AreEqual(new TimeOnly(1, 2, 3).Add(TimeSpan.FromTicks(9_999_999)), ((TomlLocalTime)Toml.Valid("a = 01:02:03.99999999999999999")["a"]).Value);

    [TestMethod]
    public void Parse_OffsetBeyondFourteenHours_KeepsTheInstant()
    {
        DateTimeOffset value = ((TomlOffsetDateTime)Toml.Valid("a = 2000-01-02 00:00:00+23:59")["a"]).Value;
        Assert.IsTrue(value.EqualsExact(new DateTimeOffset(2000, 1, 1, 0, 1, 0, TimeSpan.Zero)));
    }

    [TestMethod]
    public void Parse_TablesDefinedInPieces_AreJoined()
    {
        TomlTable root = Toml.Valid("[x.y.z]\nk = 1\n[x]\nk = 2\n[x.y]\nv = 3\n[f]\na.b = 1\na.c = 2\n[f.a.d]\n");
        Assert.AreEqual(Toml.Valid("x = { k = 2, y = { v = 3, z = { k = 1 } } }\nf = { a = { b = 1, c = 2, d = {} } }"), root);
    }

    [TestMethod]
    public void Parse_ArraysOfTables_NestInTheLastElement()
    {
        TomlTable root = Toml.Valid("[[a]]\n[[a.b]]\nk = 1\n[[a.b]]\n[[a]]\n[a.c]\n[[a.b]]\nk = 2\n");
        Assert.AreEqual(Toml.Valid("a = [{ b = [{ k = 1 }, {}] }, { c = {}, b = [{ k = 2 }] }]"), root);
    }

    [TestMethod]
    public void Parse_TableOfManyKeys_FindsEach()
    {
        TomlTable root = Toml.Valid(string.Concat(Enumerable.Range(0, 100).Select(i => $"k{i} = {i}\n")));
        Assert.AreEqual(100, root.Count);
        for (int i = 0; i < 100; i++)
            Assert.AreEqual(new TomlInteger(i), root[$"k{i}"]);
        Assert.IsFalse(root.ContainsKey("k100"));
        Assert.ThrowsExactly<KeyNotFoundException>(() => root["k100"]);
    }

    [TestMethod]
    public void Equality_DifferentContent_IsNotEqual()
    {
        TomlTable one = Toml.Valid("a = 1\nb = [1, 2]");
        Assert.AreEqual(one, Toml.Valid("b = [1, 2]\na = 1"));
        Assert.AreNotEqual(one, Toml.Valid("a = 1.0\nb = [1, 2]"));
        Assert.AreNotEqual(one, Toml.Valid("a = 1\nb = [2, 1]"));
        Assert.AreNotEqual(one, Toml.Valid("a = 1\nc = [1, 2]"));
        Assert.AreNotEqual(one, Toml.Valid("a = 1\nb = [1, 2]\nc = 1"));
    }

    [TestMethod]
    public void Assembly_PublicSurface_ShowsNoTypeOfTomlyn()
    {
        IEnumerable<Type> seen = typeof(TomlDocument).Assembly.GetExportedTypes().SelectMany(t => t.GetMethods().SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType))
            .Concat(t.GetConstructors().SelectMany(c => c.GetParameters()).Select(p => p.ParameterType)).Append(t.BaseType ?? typeof(object)).Concat(t.GetInterfaces()));
        Assert.IsFalse(seen.Any(t => t.FullName?.Contains("Tomlyn", StringComparison.Ordinal) == true));
    }

    private static void AssertAt(TomlTable table, string key, (int Line, int Column) keyAt, (int Line, int Column) valueAt) => AssertAt<TomlValue>(table, key, keyAt, valueAt);

    private static T AssertAt<T>(TomlTable table, string key, (int Line, int Column) keyAt, (int Line, int Column) valueAt)
        where T : TomlValue
    {
        Assert.IsTrue(table.TryGetEntry(key, out TomlEntry entry), key);
        Assert.AreEqual(new TomlPosition(keyAt.Line, keyAt.Column), entry.KeyPosition, key);
        Assert.AreEqual(new TomlPosition(valueAt.Line, valueAt.Column), entry.Value.Position, key);
        return (T)entry.Value;
    }
}
