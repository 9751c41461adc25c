namespace TgtModular.Toml.Tests;

[TestClass]
public sealed class WriterTests
{
    [TestMethod]
    public void Write_Configuration_ReadsAsAPersonWouldWriteIt()
    {
        const string Text = """
            state_directory = "/var/lib/tgt"

            [transport.iscsi]
            listen = ["0.0.0.0:3260", "[::]:3260"]

            [store.db]
            size = "20GiB"

            [store.db.cache]

            [[target]]
            iscsi.name = "iqn.2026-11.org.example:db"
            access = { addresses = ["10.0.0.0/8"] }
            luns = [{ number = 1, unit = "db" }]

            [[target]]
            empty = []

            """;
        Assert.AreEqual(Text, TomlWriter.Write(Toml.Valid(Text)));
    }

    [TestMethod]
    public void Write_KeysBehindTables_ComeBeforeThem()
    {
        var inner = new TomlTable();
        inner.Add("x", new TomlInteger(1));
        inner.Add("y", new TomlInteger(2));
        var root = new TomlTable();
        root.Add("table", inner);
        root.Add("rows", new TomlArray([inner, inner]));
        root.Add("key", new TomlBoolean(false));
        root.Add("braces", new TomlArray([inner, new TomlInteger(3)]));

        Assert.AreEqual(
            "key = false\nbraces = [{ x = 1, y = 2 }, 3]\n\n[table]\nx = 1\ny = 2\n\n[[rows]]\nx = 1\ny = 2\n\n[[rows]]\nx = 1\ny = 2\n",
            TomlWriter.Write(root));
    }

    [TestMethod]
    public void Write_LongArray_GetsOneLineForEachValue()
    {
        TomlTable root = Toml.Valid($"a = ['{new string('x', 60)}', '{new string('y', 60)}']");
        Assert.AreEqual($"a = [\n  \"{new string('x', 60)}\",\n  \"{new string('y', 60)}\",\n]\n", TomlWriter.Write(root));
    }

    [TestMethod]
    [DataRow("", "\"\"")]
    [DataRow("a\"b\\c", "\"a\\\"b\\\\c\"")]
    [DataRow("\b\t\n\f\r\0\u001B\u007F\u0085", "\"\\b\\t\\n\\f\\r\\u0000\\u001B\\u007F\\u0085\"")]
    [DataRow("é\U0001F600\uFFFD", "\"é\U0001F600\uFFFD\"")]
    [DataRow("\uFEFF\u2028", "\"\\uFEFF\\u2028\"")]
    public void Write_StringAndKey_AreEscaped(string text, string expected)
    {
        var root = new TomlTable();
        root.Add(text, new TomlString(text));
        string written = TomlWriter.Write(root);
        Assert.AreEqual($"{expected} = {expected}\n", written);
        Assert.AreEqual(root, Toml.Valid(written));
    }

    [TestMethod]
    [DataRow(1.0, "1.0")]
    [DataRow(-0.0, "-0.0")]
    [DataRow(0.1, "0.1")]
    [DataRow(1e300, "1E+300")]
    [DataRow(double.Epsilon, "5E-324")]
    [DataRow(double.MaxValue, "1.7976931348623157E+308")]
    [DataRow(double.NaN, "nan")]
    [DataRow(double.PositiveInfinity, "inf")]
    [DataRow(double.NegativeInfinity, "-inf")]
    public void Write_Float_KeepsEveryBit(double value, string expected)
    {
        var root = new TomlTable();
        root.Add("f", new TomlFloat(value));
        string written = TomlWriter.Write(root);
        Assert.AreEqual($"f = {expected}\n", written);
        double read = ((TomlFloat)Toml.Valid(written)["f"]).Value;
        Assert.IsTrue(double.IsNaN(value) ? double.IsNaN(read) : BitConverter.DoubleToInt64Bits(read) == BitConverter.DoubleToInt64Bits(value));
    }

    [TestMethod]
    [DataRow("1979-05-27T07:32:00Z")]
    [DataRow("1979-05-27T00:32:00.9999999-07:00")]
    [DataRow("0001-01-01T00:00:00")]
    [DataRow("9999-12-31T23:59:59.5")]
    [DataRow("1979-05-27")]
    [DataRow("00:00:00.0000001")]
    public void Write_DateOrTime_IsAsRead(string text) => Assert.AreEqual($"d = {text}\n", TomlWriter.Write(Toml.Valid($"d = {text}")));

    [TestMethod]
    public void Write_Inline_StaysInline()
    {
        var table = new TomlTable { Inline = true };
        var root = new TomlTable();
        root.Add("a", table);
        root.Add("rows", new TomlArray([table]));
        Assert.AreEqual("a = {}\nrows = [{}]\n", TomlWriter.Write(root));
    }

    [TestMethod]
    public void Write_WhatTomlCannotHold_IsRefused()
    {
        var root = new TomlTable();
        root.Add("a", new TomlString("x\uD83D"));
        Assert.ThrowsExactly<ArgumentException>(() => TomlWriter.Write(root));

        TomlValue deep = new TomlArray();
        for (int i = 0; i < 100_000; i++)
            deep = new TomlArray([deep]);
        root = new TomlTable();
        root.Add("a", deep);
        Assert.ThrowsExactly<ArgumentException>(() => TomlWriter.Write(root));
    }

    [TestMethod]
    public void Write_DeepTables_AreRefused()
    {
        var inner = new TomlTable();
        for (int i = 0; i < 100_000; i++)
        {
            var outer = new TomlTable();
            outer.Add("t", inner);
            inner = outer;
        }

        Assert.ThrowsExactly<ArgumentException>(() => TomlWriter.Write(inner));
    }

    [TestMethod]
    public void Add_KeyTwice_IsRefused()
    {
        var table = new TomlTable();
        table.Add("a", new TomlInteger(1));
        Assert.ThrowsExactly<ArgumentException>(() => table.Add("a", new TomlInteger(2)));
    }
}
