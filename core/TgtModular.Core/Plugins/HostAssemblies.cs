using System.Collections.Frozen;
using System.Reflection;
using System.Runtime.Loader;
using TgtModular.Plugins;

namespace TgtModular.Core.Plugins;

/// <summary>
/// The assemblies of this process as plugins see them: shared ones (the contract and all it refers to), those of Microsoft.NETCore.App, and the host's
/// own, which plugins must not touch.
/// </summary>
internal sealed class HostAssemblies
{
    private readonly FrozenDictionary<string, string> _files;
    private readonly FrozenDictionary<string, Version> _shared;
    private readonly FrozenSet<string> _framework;

    private HostAssemblies(FrozenDictionary<string, string> files, FrozenSet<string> framework, FrozenDictionary<string, Version> shared)
    {
        _files = files;
        _framework = framework;
        _shared = shared;
    }

    /// <summary>Those of this process.</summary>
    public static HostAssemblies Current { get; } = Read();

    /// <summary>Names of the shared assemblies, sorted.</summary>
    public IReadOnlyList<string> SharedNames => [.. _shared.Keys.Order(StringComparer.Ordinal)];

    /// <summary>True for the contract and what it refers to.</summary>
    public bool IsShared(string name) => _shared.ContainsKey(name);

    /// <summary>True for an assembly of Microsoft.NETCore.App.</summary>
    public bool IsFramework(string name) => _framework.Contains(name);

    /// <summary>True for an assembly that the default context would find, but that is none of a plugin's business.</summary>
    public bool IsHostOnly(string name) => _files.ContainsKey(name) && !IsShared(name) && !IsFramework(name);

    /// <summary>Version of a shared or framework assembly in this process.</summary>
    public Version GetVersion(string name) =>
        _shared.TryGetValue(name, out Version? version) ? version : AssemblyName.GetAssemblyName(_files[name]).Version ?? new Version(0, 0);

    /// <summary>
    /// The runtime knows by a list the files it may load into the default context. What the directory of the core library holds is the framework, also where
    /// the host brings a newer version of one of its assemblies.
    /// </summary>
    private static HostAssemblies Read()
    {
        string coreLibrary = typeof(object).Assembly.Location;
        string trusted = AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "";
        string contract = typeof(Contract).Assembly.Location;
        string? frameworkDirectory = Path.GetDirectoryName(coreLibrary);
        if (coreLibrary.Length == 0 || trusted.Length == 0 || frameworkDirectory == Path.GetDirectoryName(contract))
            throw new PlatformNotSupportedException("plugins need a framework-dependent host: in a self-contained one the framework cannot be told from the host");
        Dictionary<string, string> files = new(StringComparer.OrdinalIgnoreCase);
        foreach (string path in trusted.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries))
            files.TryAdd(Path.GetFileNameWithoutExtension(path), path);
        FrozenSet<string> framework = Directory.GetFiles(frameworkDirectory!, "*.dll")
            .Select(path => Path.GetFileNameWithoutExtension(path)).Where(files.ContainsKey).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        return new HostAssemblies(files.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase), framework, FindShared(framework));
    }

    private static FrozenDictionary<string, Version> FindShared(FrozenSet<string> framework)
    {
        Dictionary<string, Version> shared = new(StringComparer.OrdinalIgnoreCase);
        Queue<Assembly> open = new([typeof(Contract).Assembly]);
        while (open.TryDequeue(out Assembly? assembly))
        {
            AssemblyName name = assembly.GetName();
            if (!shared.TryAdd(name.Name!, name.Version ?? new Version(0, 0))) continue;
            foreach (AssemblyName reference in assembly.GetReferencedAssemblies())
            {
                if (!framework.Contains(reference.Name!)) open.Enqueue(AssemblyLoadContext.Default.LoadFromAssemblyName(reference));
            }
        }

        return shared.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
