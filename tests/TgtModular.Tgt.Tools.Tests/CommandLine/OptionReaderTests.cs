using TgtModular.Tgt.Tools.CommandLine;

namespace TgtModular.Tgt.Tools.Tests.CommandLine;

[TestClass]
public sealed class OptionReaderTests
{
    private static readonly OptionSpec[] Specs =
    [
        OptionSpec.Switch('a', "all"), OptionSpec.Value('n', "name"), OptionSpec.Value('v', "value"), OptionSpec.Value('N', "nameless"),
        OptionSpec.LongSwitch('0', "only-long"), new('F', "force", LongTakesValue: false, ShortTakesValue: true),
    ];

    [TestMethod]
    [DataRow("-a", "a=")]
    [DataRow("-an x", "a= n=x")]
    [DataRow("-nx", "n=x")]
    [DataRow("-n -a", "n=-a")]
    [DataRow("--name x", "n=x")]
    [DataRow("--name=x=y", "n=x=y")]
    [DataRow("--name=", "n=")]
    [DataRow("--val 3", "v=3")]
    [DataRow("--name=1 --namel 2", "n=1 N=2")]
    [DataRow("--only-long", "0=")]
    [DataRow("one -a two", "a= | one two")]
    [DataRow("-a -- -n x", "a= | -n x")]
    [DataRow("-", "| -")]
    [DataRow("--force", "F=")]
    [DataRow("-F x", "F=x")]
    public void Read_Arguments_GivesOptionsAndOperands(string arguments, string expected) => Assert.AreEqual(expected, Describe(arguments));

    [TestMethod]
    [DataRow("-z", "p: invalid option -- 'z'")]
    [DataRow("-0", "p: invalid option -- '0'")]
    [DataRow("-n", "p: option requires an argument -- 'n'")]
    [DataRow("--name", "p: option '--name' requires an argument")]
    [DataRow("--all=1", "p: option '--all' doesn't allow an argument")]
    [DataRow("--na x", "p: option '--na' is ambiguous; possibilities: '--name' '--nameless'")]
    [DataRow("--bogus=1", "p: unrecognized option '--bogus=1'")]
    [DataRow("-a --bogus -z", "p: unrecognized option '--bogus'")]
    public void Read_Wrong_SaysSoAsGetoptDoes(string arguments, string expected)
    {
        OptionReader reader = new("p", Specs, arguments.Split(' '));
        while (reader.Read()) continue;
        Assert.AreEqual(expected, reader.Error);
    }

    private static string Describe(string arguments)
    {
        OptionReader reader = new("p", Specs, arguments.Split(' '));
        List<string> parts = [];
        while (reader.Read()) parts.Add($"{reader.Letter}={reader.Value}");
        Assert.IsNull(reader.Error);
        if (reader.Operands.Count > 0) parts.Add($"| {string.Join(' ', reader.Operands)}");
        return string.Join(' ', parts);
    }
}
