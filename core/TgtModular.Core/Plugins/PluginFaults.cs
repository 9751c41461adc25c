using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;

namespace TgtModular.Core.Plugins;

/// <summary>Reads out of exceptions what to tell people, and whose code threw.</summary>
internal static class PluginFaults
{
    private const int MaximumDepth = 8;

    /// <summary>The chain of causes as one line, wrappers left out and loader exceptions unpacked.</summary>
    public static string Describe(Exception exception)
    {
        List<string> parts = [];
        for (Exception? current = exception; current is not null && parts.Count < MaximumDepth; current = current.InnerException)
        {
            if (current is TargetInvocationException or TypeInitializationException or AggregateException && current.InnerException is not null) continue;
            parts.Add(current is ReflectionTypeLoadException types ? Unpack(types) : $"{current.GetType().Name}: {OneLine(current.Message)}");
        }

        return string.Join("; ", parts.Distinct());
    }

    /// <summary>
    /// The context of the code that a thread was started in: the outermost frame that is not the framework's. An exception that passes through the host's own
    /// code is the host's to handle.
    /// </summary>
    public static AssemblyLoadContext? FindThreadOwner(Exception exception)
    {
        StackFrame[] frames = new StackTrace(exception).GetFrames();
        for (int i = frames.Length - 1; i >= 0; i--)
        {
            if (frames[i].GetMethod()?.Module.Assembly is not { } assembly || HostAssemblies.Current.IsFramework(assembly.GetName().Name ?? "")) continue;
            return AssemblyLoadContext.GetLoadContext(assembly);
        }

        return null;
    }

    private static string Unpack(ReflectionTypeLoadException types) =>
        string.Join("; ", types.LoaderExceptions.OfType<Exception>().Select(loader => OneLine(loader.Message)).Distinct().Take(MaximumDepth));

    private static string OneLine(string message) => message.ReplaceLineEndings(" ").Trim();
}
