using System.Diagnostics;
using System.Reflection;

namespace TgtModular.Daemon;

/// <summary>Which daemon this is, and since when it runs.</summary>
internal static class BuildVersion
{
    public static string Text { get; } = typeof(BuildVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "";

    public static DateTimeOffset Started { get; } = Process.GetCurrentProcess().StartTime;
}
