using System.Text;
using FsCheck;
using FsCheck.Fluent;

namespace TgtModular.Toml.Tests;

[TestClass]
public sealed class PropertyTests
{
    private static readonly Config Deterministic = Config.QuickThrowOnFailure.WithMaxTest(1_000).WithReplay(4711, 13);

    private static readonly Gen<string> Text = Gen.Choose(0, 12).SelectMany(length => Character.ArrayOf(length)).Select(string.Concat);

    /// <summary>Characters that decide something in TOML, and any others.</summary>
    private static Gen<string> Character => Gen.OneOf(
        Gen.Elements([.. "abcXYZ019_-+.:= \t\r\n\"'\\#[]{},\0\b\u001B\u007F\u0085\uFEFF\uFFFD\u2028éß".Select(c => c.ToString())]),
        Gen.Choose(0, 0x10F7FF).Select(c => new Rune(c < 0xD800 ? c : c + 0x800).ToString()));

    private static Gen<TomlValue> Scalar => Gen.OneOf(
        Text.Select(TomlValue (s) => new TomlString(s)),
        Ticks(long.MinValue, long.MaxValue).Select(TomlValue (i) => new TomlInteger(i)),
        Ticks(long.MinValue, long.MaxValue).Select(TomlValue (i) => new TomlFloat(BitConverter.Int64BitsToDouble(i))),
        Gen.Choose(-1000, 1000).Select(TomlValue (i) => new TomlFloat(i / 8.0)),
        Gen.Elements(true, false).Select(TomlValue (b) => new TomlBoolean(b)),
        Ticks(TimeSpan.TicksPerDay, DateTime.MaxValue.Ticks - TimeSpan.TicksPerDay).SelectMany(
            t => Gen.Choose(-14 * 60, 14 * 60).Select(TomlValue (o) => new TomlOffsetDateTime(new DateTimeOffset(t, TimeSpan.FromMinutes(o))))),
        Ticks(0, DateTime.MaxValue.Ticks).Select(TomlValue (t) => new TomlLocalDateTime(new DateTime(t))),
        Gen.Choose(0, DateOnly.MaxValue.DayNumber).Select(TomlValue (d) => new TomlLocalDate(DateOnly.FromDayNumber(d))),
        Ticks(0, TimeOnly.MaxValue.Ticks).Select(TomlValue (t) => new TomlLocalTime(new TimeOnly(t))));

    [TestMethod]
    public void Write_AnyTable_ReadsBackEqual()
    {
        Arbitrary<TomlTable> tables = Table(depth: 4).ToArbitrary();
        Prop.ForAll(tables, table =>
        {
            string written = TomlWriter.Write(table);
            TomlParseResult result = TomlDocument.Parse(written, Toml.File);
            return (result.Success && result.Root.Equals(table) && result.Root.GetHashCode() == table.GetHashCode())
                .Label($"{written}\n{string.Join('\n', result.Diagnostics)}");
        }).Check(Deterministic);
    }

    [TestMethod]
    public void Parse_AnyText_GivesATableOrPlacedDiagnostics()
    {
        Arbitrary<string> texts = Gen.Choose(0, 40).SelectMany(length => Character.ArrayOf(length)).Select(string.Concat).ToArbitrary();
        Prop.ForAll(texts, text =>
        {
            TomlParseResult result = TomlDocument.Parse(text, Toml.File);
            int lines = text.Count(c => c == '\n') + 1;
            return result.Success
                ? result.Diagnostics.Count == 0
                : result.Diagnostics.Count > 0 && result.Diagnostics.All(d => d.Position.Line >= 1 && d.Position.Line <= lines && d.Position.Column >= 1 && d.Position.Column <= text.Length + 1);
        }).Check(Deterministic.WithMaxTest(5_000));
    }

    private static Gen<long> Ticks(long low, long high) => Gen.Choose(int.MinValue, int.MaxValue).Two()
        .Select(p => low + (long)((((ulong)(uint)p.Item1 << 32) | (uint)p.Item2) % ((ulong)(high - low) == ulong.MaxValue ? ulong.MaxValue : (ulong)(high - low) + 1)));

    private static Gen<TomlValue> Value(int depth) => depth == 0
        ? Scalar
        : Gen.Frequency((4, Scalar), (1, Array(depth - 1, Value)), (1, Array(depth - 1, d => Table(d).Select(TomlValue (t) => t))), (2, Table(depth - 1).Select(TomlValue (t) => t)));

    private static Gen<TomlValue> Array(int depth, Func<int, Gen<TomlValue>> item) =>
        Gen.Choose(0, 3).SelectMany(length => item(depth).ArrayOf(length)).Select(TomlValue (items) => new TomlArray(items));

    private static Gen<TomlTable> Table(int depth) =>
        from length in Gen.Choose(0, 4)
        from keys in Text.ArrayOf(length)
        from values in Value(depth).ArrayOf(length)
        from inline in Gen.Choose(0, 4)
        select Build(keys, values, inline == 0 && depth < 4);

    private static TomlTable Build(string[] keys, TomlValue[] values, bool inline)
    {
        var table = new TomlTable { Inline = inline };
        foreach ((string key, TomlValue value) in keys.Zip(values))
        {
            if (!table.ContainsKey(key))
                table.Add(key, value);
        }

        return table;
    }
}
