using System.Reflection;

namespace TgtModular.Host.Tests.Harness;

/// <summary>The runnable tree that the build leaves, and the repository around it.</summary>
internal static class Tree
{
    public static string Root { get; } = Metadata("TgtRoot");

    public static string Daemon { get; } = Path.Combine(Metadata("TgtTree"), "tgtd");

    public static string Tool { get; } = Path.Combine(Metadata("TgtTree"), "tgtctl");

    public static string Plugins { get; } = Path.Combine(Metadata("TgtTree"), "plugins");

    private static string Metadata(string key) => typeof(Tree).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(item => item.Key == key).Value!;
}
