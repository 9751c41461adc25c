using System.Text;
using TgtModular.Core.Configuration;

namespace TgtModular.Configuration.Tests.Doubles;

internal static class Bound
{
    public static ConfigurationResult Bind(string toml, string path = "/etc/tgt/tgt.toml") =>
        ConfigurationDocument.Parse(Encoding.UTF8.GetBytes(toml), path).Bind(new FakeSchemas());

    public static DesiredState State(string toml, string path = "/etc/tgt/tgt.toml")
    {
        ConfigurationResult result = Bind(toml, path);
        Assert.IsNotNull(result.State, string.Join("\n", result.Problems));
        return result.State;
    }

    /// <summary>The problems as text, the file's name left out.</summary>
    public static string[] Problems(string toml, string path = "/etc/tgt/tgt.toml")
    {
        ConfigurationResult result = Bind(toml, path);
        return [.. result.Problems.Select(problem => problem.ToString().Replace(path + ":", "", StringComparison.Ordinal))];
    }

    /// <summary>Asserts that exactly one thing is wrong.</summary>
    public static void Refuses(string toml, string expected)
    {
        string[] errors = [.. Problems(toml).Where(problem => !problem.Contains(": warning: ", StringComparison.Ordinal))];
        Assert.AreEqual(expected, string.Join("\n", errors));
        Assert.IsNull(Bind(toml).State);
    }
}
