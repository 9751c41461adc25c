using System.Text;

namespace TgtModular.Toml.Tests;

/// <summary>What is refused, where, and in which words.</summary>
[TestClass]
public sealed class DiagnosticTests
{
    [TestMethod]
    // Keys and lines
    [DataRow("a", "1:2: the key 'a' has no value: '= value' is missing")]
    [DataRow("a.b.'c d'", "1:10: the key 'a.b.\"c d\"' has no value: '= value' is missing")]
    [DataRow("a =", "1:4: a value is expected, not the end of the file")]
    [DataRow("a = # nothing\n", "1:14: a value is expected, not the end of the line")]
    [DataRow("= 1", "1:1: a key or a [table] is expected, not '='")]
    [DataRow("a b = 1", "1:3: '=' is expected behind the key 'a'; a key with blanks needs quotes")]
    [DataRow("a: 1", "1:2: '=' is expected behind the key 'a', not ':'")]
    [DataRow("é = 1", "1:1: a key or a [table] is expected, not 'é'; a bare key has letters and digits of ASCII, - and _ only, any other needs quotes")]
    [DataRow("clé = 1", "1:3: 'é' needs quotes in a key: a bare key has letters and digits of ASCII, - and _ only")]
    [DataRow("a..b = 1", "1:3: a key or a [table] is expected, not '.'")]
    [DataRow("\"\"\"a\"\"\" = 1", "1:3: a key cannot be a multi-line string")]
    [DataRow("a = 1 b = 2", "1:7: the line must end behind the value; 'b' is out of place")]
    [DataRow("a = 1\u00A0", "1:6: the line must end behind the value; '\u00A0' is out of place")]
    [DataRow("a = 1\n\uFEFFb = 2", "2:1: a key or a [table] is expected, not 'U+FEFF'")]
    [DataRow("\uFEFF\uFEFFa = 1", "1:1: a byte order mark (U+FEFF) may only be the first character of a file")]
    // Headers
    [DataRow("[]", "1:2: the name of a table is expected, not ']'")]
    [DataRow("[[]]", "1:3: the name of an array of tables is expected, not ']]'")]
    [DataRow("[a", "1:3: ']' is expected behind the name 'a', not the end of the file")]
    [DataRow("[a]]", "1:3: ']' is expected behind the name 'a', not ']]'")]
    [DataRow("[[a] ]", "1:4: ']]' is expected behind the name 'a', not ']'")]
    [DataRow("[a] b = 1", "1:5: the line must end behind the header; 'b' is out of place")]
    // Words and numbers
    [DataRow("a = hello", "1:5: 'hello' is no value: a string needs quotes")]
    [DataRow("a = True", "1:5: 'True' is no value: a boolean is written in lower case")]
    [DataRow("a = yes", "1:5: 'yes' is no value: write true, or \"yes\" for a string")]
    [DataRow("a = null", "1:5: 'null' is no value: TOML has none for nothing; leave the key out")]
    [DataRow("a = 20GiB", "1:5: '20GiB' is no number; a value with a unit, as any string, needs quotes")]
    [DataRow("a = 10.0.0.1", "1:5: '10.0.0.1' is no number: '.' is out of place")]
    [DataRow("a = 01", "1:5: '01' is no number: leading zeros are not allowed")]
    [DataRow("a = 1__0", "1:5: '1__0' is no number: an underscore must stand between two digits")]
    [DataRow("a = .5", "1:5: '.5' is no number: a digit is needed before the point")]
    [DataRow("a = 5.", "1:5: '5.' is no number: a digit is needed behind the point")]
    [DataRow("a = 1e", "1:5: '1e' is no number: a digit is missing")]
    [DataRow("a = +", "1:5: '+' is no number: a digit is missing")]
    [DataRow("a = 0X1", "1:5: '0X1' is no number: the prefixes 0x, 0o and 0b are written in lower case")]
    [DataRow("a = -0x1", "1:5: '-0x1' is no number: hexadecimal numbers have no sign")]
    [DataRow("a = 0o8", "1:5: '0o8' is no number: '8' is out of place")]
    [DataRow("a = 9223372036854775808", "1:5: 9223372036854775808 does not fit: an integer has 64 bits, from -9223372036854775808 to 9223372036854775807")]
    [DataRow("a = 0xFFFFFFFFFFFFFFFF", "1:5: 0xFFFFFFFFFFFFFFFF does not fit: an integer has 64 bits, from -9223372036854775808 to 9223372036854775807")]
    // Dates and times
    [DataRow("a = 1979-02-29", "1:5: '1979-02-29' is no date or time: 1979-02 has no day 29")]
    [DataRow("a = 1979-13-01", "1:5: '1979-13-01' is no date or time: there is no month 13")]
    [DataRow("a = 0000-01-01", "1:5: '0000-01-01' is no date or time: year 0000 cannot be represented")]
    [DataRow("a = 79-01-01", "1:5: '79-01-01' is no date or time: a date is written YYYY-MM-DD")]
    [DataRow("a = 24:00:00", "1:5: '24:00:00' is no date or time: hours run to 23, minutes and seconds to 59")]
    [DataRow("a = 23:59:60", "1:5: '23:59:60' is no date or time: a leap second cannot be represented")]
    [DataRow("a = 2_000-02-29", "1:5: '2_000-02-29' is no number: '-' is out of place")]
    [DataRow("a = 07:32:00Z", "1:5: '07:32:00Z' is no date or time: 'Z' is out of place")]
    [DataRow("a = 1979-05-27\t07:32:00", "1:5: '1979-05-27U+000907:32:00' is no date or time: date and time are joined by T or one blank")]
    [DataRow("a = 1979-05-27T07:32:00+7:00", "1:5: '1979-05-27T07:32:00+7:00' is no date or time: an offset is written Z, +HH:MM or -HH:MM")]
    [DataRow("a = 0001-01-01T00:00:00+01:00", "1:5: '0001-01-01T00:00:00+01:00' is no date or time: in UTC it lies outside the years 1 to 9999")]
    // Strings
    [DataRow("a = \"x", "1:5: this string is not closed: \" is missing before the end of the file")]
    [DataRow("a = 'x\r\nb = 1", "1:5: this literal string is not closed: ' is missing before the end of the line")]
    [DataRow("a = \"\"\"x\n\"\"", "1:5: this multi-line string is not closed: \"\"\" is missing before the end of the file")]
    [DataRow("a = '''x", "1:5: this multi-line literal string is not closed: ''' is missing before the end of the file")]
    [DataRow("a = \"x\\", "1:5: this string is not closed: \" is missing before the end of the file")]
    [DataRow("a = \"x\\\ny\"", "1:5: this string is not closed: \" is missing before the end of the line|2:2: this string is not closed: \" is missing before the end of the file")]
    [DataRow("a = \"C:\\dir\"", "1:8: unknown escape \\d; TOML 1.0 knows \\b \\t \\n \\f \\r \\\" \\\\ \\uXXXX \\UXXXXXXXX; a backslash itself is written \\\\")]
    [DataRow("a = \"é\\uD800\"", "1:7: U+D800 is half a surrogate pair, not a character")]
    [DataRow("a = \"\\U00110000\"", "1:6: U+110000 is beyond Unicode")]
    [DataRow("a = \"\\u12\"", "1:6: \\u must be followed by 4 hexadecimal digits")]
    [DataRow("a = \"\"\"x\n \\ y\"\"\"", "2:2: a backslash before blanks must be the last on its line; a backslash itself is written \\\\")]
    [DataRow("a = \"\"\"\\\tx\"\"\"", "1:8: a backslash before blanks must be the last on its line; a backslash itself is written \\\\")]
    [DataRow("a = \"x\" \"y\"", "1:9: the line must end behind the value; a string is out of place")]
    // Arrays and inline tables
    [DataRow("a = [1 2]", "1:8: ',' or ']' is expected in the array that begins at 1:5, not '2'")]
    [DataRow("a = [1,,2]", "1:8: a value is expected, not ','")]
    [DataRow("a = [1\nb = 2", "2:1: ',' or ']' is expected in the array that begins at 1:5, not 'b'")]
    [DataRow("a = [1,", "1:5: this array is not closed: ']' is missing before the end of the file")]
    [DataRow("a = [1, x, 3]", "1:9: 'x' is no value: a string needs quotes")]
    [DataRow("a = {b = 1", "1:5: this inline table is not closed: '}' is missing")]
    [DataRow("a = {b = 1 c = 2}", "1:12: ',' or '}' is expected in the inline table that begins at 1:5, not 'c'")]
    [DataRow("a = {, b = 1}", "1:6: a key is expected, not ','")]
    // Characters that are allowed nowhere
    [DataRow("a = 1 # \u0007", "1:9: the control character U+0007 is not allowed, not even in comments; in a basic string write \\u0007")]
    [DataRow("a = 'x\u007Fy'", "1:7: the control character U+007F is not allowed, not even in comments; in a basic string write \\u007F")]
    [DataRow("a = 1\rb = 2", "1:6: a carriage return must be followed by a line feed|1:7: the line must end behind the value; 'b' is out of place")]
    [DataRow("a = '''\r'''", "1:8: a carriage return must be followed by a line feed")]
    public void Parse_Malformed_SaysWhereAndWhy(string text, string expected) => Assert.AreEqual(expected, string.Join('|', Toml.Errors(text)));

    [TestMethod]
    [DataRow("a = { b = 1,\n c = 2 }", "1:13: an inline table must end on the line it began on (only TOML 1.1 allows more): close it with '}', or write a [table]")]
    [DataRow("a = { # comment\n b = 1 }", "1:16: an inline table must end on the line it began on (only TOML 1.1 allows more): close it with '}', or write a [table]")]
    [DataRow("a = { b = 1, }", "1:12: a comma before '}' is of TOML 1.1; TOML 1.0 has none behind the last key of an inline table")]
    [DataRow("a = \"\\e\"", "1:6: the escape \\e is of TOML 1.1; TOML 1.0 writes \\u001B")]
    [DataRow("a = \"\"\"\\x41\"\"\"", "1:8: the escape \\x is of TOML 1.1; TOML 1.0 writes \\u and four hexadecimal digits")]
    [DataRow("a = 07:32", "1:5: '07:32' is no date or time: TOML 1.0 needs seconds: write HH:MM:SS")]
    [DataRow("a = 1979-05-27 07:32Z", "1:5: '1979-05-27 07:32Z' is no date or time: TOML 1.0 needs seconds: write HH:MM:SS")]
    public void Parse_WhatOnlyToml11Allows_IsRefused(string text, string expected) => Assert.AreEqual(expected, string.Join('|', Toml.Errors(text)));

    [TestMethod]
    [DataRow("a = 1\n'a' = 2", "2:1: 'a' is an integer already, defined at 1:1")]
    [DataRow("[a]\n[b]\n[a]\nk = 1", "3:2: 'a' is a table already, defined at 1:2")]
    [DataRow("['']\na.b = 1\n[\"\".a]", "3:5: '\"\".a' is a table already, defined at 2:1")]
    [DataRow("a.b = 1\n[a]", "2:2: 'a' is a table already, defined at 1:1")]
    [DataRow("[t]\na.b = 1\n[t.a]", "3:4: 't.a' is a table already, defined at 2:1")]
    [DataRow("a = 1\na.b = 2", "2:1: 'a' is an integer already, defined at 1:1; a dotted key cannot go through it")]
    [DataRow("a = 1\n[a.b]", "2:2: 'a' is an integer already, defined at 1:1; a header cannot go through it")]
    [DataRow("[a.b.c]\n[a]\nb.d = 1", "3:1: 'b' is a table already, defined at 1:4; a dotted key cannot add to a table that a header made")]
    [DataRow("a = {}\na.b = 1", "2:1: 'a' is a table already, defined at 1:1; an inline table cannot be extended")]
    [DataRow("a = {}\n[a.b]", "2:2: 'a' is a table already, defined at 1:1; an inline table cannot be extended")]
    [DataRow("a = {b = {}, b.c = 1}", "1:14: 'b' is a table already, defined at 1:6; an inline table cannot be extended")]
    [DataRow("a = {b.c = 1, b.c = 2}", "1:17: 'b.c' is an integer already, defined at 1:8")]
    [DataRow("a = [{}]\n[[a]]", "2:3: 'a' is an array already, defined at 1:1; [[...]] cannot extend an array written in brackets")]
    [DataRow("[a]\n[[a]]", "2:3: 'a' is a table already, defined at 1:2")]
    [DataRow("[[a]]\n[a]", "2:2: 'a' is an array already, defined at 1:3")]
    [DataRow("[a.b]\n[[a]]", "2:3: 'a' is a table already, defined at 1:2")]
    [DataRow("[[a.b]]\n[a]\nb.c = 1", "3:1: 'b' is an array already, defined at 1:5; a dotted key cannot add to an array of tables")]
    [DataRow("a = [1]\n[a.b]", "2:2: 'a' is an array already, defined at 1:1; a header cannot go through it")]
    public void Parse_SomethingDefinedTwice_NamesBothPlaces(string text, string expected) => Assert.AreEqual(expected, string.Join('|', Toml.Errors(text)));

    [TestMethod]
    public void Parse_SeveralErrors_ReportsEachOnce()
    {
        string[] errors = Toml.Errors("""
            a = hello world
            b = [1, 2
            c = "open
            d = 01
            list = [
              yes,
              { x = 1, x = 2 },
              1979-02-30,
            ]
            good = 1
            [t
            e = 1
            e = 1
            [u]
            f = 5.
            good = 2
            """);

        string[] expected =
        [
            "1:5: 'hello'",
            "3:1: ',' or ']'",
            "3:5: this string",
            "4:5: '01'",
            "6:3: 'yes'",
            "7:12: 'x' is",
            "8:3: '1979-02-30'",
            "11:3: ']' is expected",
            "13:1: 'e' is",
            "15:5: '5.'",
        ];
        Assert.AreEqual(expected.Length, errors.Length, string.Join('\n', errors));
        foreach ((string start, string error) in expected.Zip(errors))
            Assert.StartsWith(start, error);
    }

    [TestMethod]
    public void Parse_BrokenArrayOverSeveralLines_GoesOnAtTheNextStatement()
    {
        string[] errors = Toml.Errors("a = [\n  1 2,\n  3,\n  [4],\n]\n[next]\nb = ?\n");
        Assert.AreEqual("2:5: ',' or ']' is expected in the array that begins at 1:5, not '2'|7:5: a value is expected, not '?'", string.Join('|', errors));
    }

    [TestMethod]
    public void Parse_HalfSurrogatePairs_AreRefused()
    {
        string text = string.Concat("a = '", "\uDE00", "\uD83D", "\U0001F600'");
        Assert.AreEqual("1:6: half a surrogate pair (U+DE00) is no character|1:7: half a surrogate pair (U+D83D) is no character", string.Join('|', Toml.Errors(text)));
    }

    [TestMethod]
    public void ToString_Diagnostic_IsFileLineColumnMessage() =>
        Assert.AreEqual("test.toml:1:5: 'x' is no value: a string needs quotes", TomlDocument.Parse("a = x", Toml.File).Diagnostics[0].ToString());

    [TestMethod]
    public void Parse_TerminalControlInMessage_IsMadeVisible()
    {
        foreach (TomlDiagnostic diagnostic in TomlDocument.Parse("\u200Ea\u001B[31m = \u202Ex", Toml.File).Diagnostics)
            Assert.IsFalse(diagnostic.Message.Any(c => char.IsControl(c) || c is '\u200E' or '\u202E'), diagnostic.Message);
    }

    [TestMethod]
    [DataRow(new byte[] { (byte)'a', (byte)'\n', (byte)'=', 0xC3, 0x28 }, "2:2: the file is not UTF-8: byte 0xC3 at offset 3 begins no valid character")]
    [DataRow(new byte[] { 0xC0, 0x80 }, "1:1: the file is not UTF-8: byte 0xC0 at offset 0 begins no valid character")]
    [DataRow(new byte[] { (byte)'#', 0xED, 0xA0, 0x80 }, "1:2: the file is not UTF-8: byte 0xED at offset 1 begins no valid character")]
    [DataRow(new byte[] { 0xEF, 0xBB, 0xBF, (byte)'#', 0xE2, 0x82 }, "1:2: the file is not UTF-8: byte 0xE2 at offset 4 begins no valid character")]
    [DataRow(new byte[] { 0xFF, 0xFE, (byte)'a', 0 }, "1:1: the file looks like UTF-16: save it as UTF-8")]
    [DataRow(new byte[] { 0, (byte)'a', 0, (byte)'=' }, "1:1: the file looks like UTF-16: save it as UTF-8")]
    public void Parse_WrongEncoding_IsOneDiagnostic(byte[] bytes, string expected) =>
        Assert.AreEqual(expected, string.Join('|', Toml.Errors(TomlDocument.Parse(bytes, Toml.File))));

    [TestMethod]
    public void Parse_RubbishBytes_NeverThrows()
    {
        var random = new Random(1);
        for (int i = 0; i < 2_000; i++)
        {
            byte[] bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            _ = TomlDocument.Parse(bytes, Toml.File);
            _ = TomlDocument.Parse(Encoding.Latin1.GetString(bytes), Toml.File);
            _ = TomlDocument.Parse(Encoding.Unicode.GetString(bytes), Toml.File);
        }
    }
}
