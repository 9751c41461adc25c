using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;

namespace TgtModular.Core.Plugins;

/// <summary>
/// What a plugin's loader believes to be the default context. It gives out shared and framework assemblies. For the host's own it gives an assembly of that
/// name without any type: were it to refuse, the loader would swallow that, find nothing in the folder and answer null, upon which the runtime
/// asks the real default context, which has the host's assembly.
/// </summary>
/// <param name="host">Assemblies of this process.</param>
/// <param name="report">Told the name of each host assembly that is asked for.</param>
internal sealed class HostGate(HostAssemblies host, Action<string> report) : AssemblyLoadContext("host gate")
{
    /// <summary>
    /// Not lower than any version asked for: a second request with a version would else pass it over and reach the default context. FFFFh in metadata means
    /// that there is no version.
    /// </summary>
    private static readonly Version HighestVersion = new(ushort.MaxValue - 1, ushort.MaxValue - 1, ushort.MaxValue - 1, ushort.MaxValue - 1);

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        string name = assemblyName.Name ?? "";
        if (host.IsShared(name) || host.IsFramework(name)) return Default.LoadFromAssemblyName(assemblyName);
        bool known = host.IsHostOnly(name) || Default.Assemblies.Any(assembly => name.Equals(assembly.GetName().Name, StringComparison.OrdinalIgnoreCase));
        if (!known) throw new FileNotFoundException($"there is no assembly {name}", name);
        report(name);
        return LoadFromStream(new MemoryStream(WriteEmptyAssembly(name)));
    }

    private static byte[] WriteEmptyAssembly(string name)
    {
        var metadata = new MetadataBuilder();
        metadata.AddModule(0, metadata.GetOrAddString(name + ".dll"), metadata.GetOrAddGuid(Guid.NewGuid()), default, default);
        metadata.AddAssembly(metadata.GetOrAddString(name), HighestVersion, default, default, 0, AssemblyHashAlgorithm.None);
        metadata.AddTypeDefinition(
            TypeAttributes.NotPublic, default, metadata.GetOrAddString("<Module>"), default,
            MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));
        var image = new BlobBuilder();
        new ManagedPEBuilder(PEHeaderBuilder.CreateLibraryHeader(), new MetadataRootBuilder(metadata), new BlobBuilder()).Serialize(image);
        return image.ToArray();
    }
}
