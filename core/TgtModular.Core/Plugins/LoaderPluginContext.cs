using System.Reflection;
using System.Runtime.Loader;
using McMaster.NETCore.Plugins;

namespace TgtModular.Core.Plugins;

/// <summary>A plugin's context made by McMaster.NETCore.Plugins, with a <see cref="HostGate"/> in the place of the default context (ADR 0002).</summary>
internal sealed class LoaderPluginContext
{
    private readonly PluginLoader _loader;

    /// <summary>A context over the private copy; no code runs yet.</summary>
    /// <param name="entryPath">Absolute path of the assembly with the exports.</param>
    /// <param name="ownNames">Assemblies that come from the plugin's folder.</param>
    /// <param name="gate">Answers for all others.</param>
    public LoaderPluginContext(string entryPath, IReadOnlyList<string> ownNames, HostGate gate) =>
        _loader = PluginLoader.CreateFromAssemblyFile(entryPath, config =>
        {
            config.IsUnloadable = false;
            config.DefaultContext = gate;
            config.PreferSharedTypes = true; // Ask the gate for every name that is not the plugin's own.
            foreach (string name in ownNames) config.PrivateAssemblies.Add(new AssemblyName(name));
        });

    /// <summary>The context: what tells whose code an assembly is.</summary>
    public AssemblyLoadContext LoadContext => _loader.LoadContext;

    /// <summary>Loads the assembly with the exports.</summary>
    public Assembly LoadEntryAssembly() => _loader.LoadDefaultAssembly();
}
