using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace TgtModular.Core.Plugins;

/// <summary>What is in a plugin's assemblies, found without loading any of them.</summary>
/// <param name="OwnNames">Simple names of the managed assemblies it brings, shared ones left out.</param>
/// <param name="Modules">Identities (MVID) of these.</param>
/// <param name="Warnings">Odd, but no reason to refuse.</param>
internal sealed record AssemblyInspection(IReadOnlyList<string> OwnNames, IReadOnlyList<Guid> Modules, IReadOnlyList<string> Warnings);

/// <summary>Checks the references of a plugin's assemblies before code of it runs.</summary>
internal static class AssemblyInspector
{
    /// <summary>
    /// Every reference of every managed file must be met by a shared assembly that is new enough, by the plugin's own folder, or by Microsoft.NETCore.App.
    /// </summary>
    /// <param name="directory">The private copy.</param>
    /// <param name="manifest">Its manifest.</param>
    /// <param name="host">Assemblies of this process.</param>
    /// <param name="failure">With a null result: all that is wrong, in one message.</param>
    public static AssemblyInspection? Inspect(string directory, PluginManifest manifest, HostAssemblies host, out PluginFailure? failure)
    {
        List<ManagedFile> files = ReadAll(directory, manifest);
        if (!files.Exists(file => file.Path == manifest.Assembly))
        {
            failure = new PluginFailure($"'{manifest.Assembly}' is not a managed assembly", "build the plugin again");
            return null;
        }

        HashSet<string> own = files.Select(file => file.Name).Where(name => !host.IsShared(name)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        string[] problems = [.. files.Where(file => !host.IsShared(file.Name))
            .SelectMany(file => file.References.Select(reference => Check(manifest, file, reference, own, host)))
            .OfType<string>().Distinct()];
        failure = problems.Length == 0 ? null : new PluginFailure(string.Join("; ", problems), Remedy(problems));
        return failure is not null
            ? null
            : new AssemblyInspection(
                [.. own],
                [.. files.Where(file => own.Contains(file.Name)).Select(file => file.Module)],
                [.. files.Where(file => host.IsShared(file.Name)).Select(file => Shadowed(file, host))]);
    }

    /// <summary>The managed assemblies of a private copy, with what each refers to.</summary>
    public static IReadOnlyList<InspectedAssembly> Describe(string directory, PluginManifest manifest) => [.. ReadAll(directory, manifest).Select(file =>
        new InspectedAssembly(file.Path, file.Name, file.Version, [.. file.References.Select(reference => $"{reference.Name} {reference.Version}")]))];

    private static List<ManagedFile> ReadAll(string directory, PluginManifest manifest) => [.. manifest.Files
        .Where(file => file.Path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
        .Select(file => Read(directory, file.Path))
        .OfType<ManagedFile>()];

    private static string? Check(PluginManifest manifest, ManagedFile file, Reference reference, HashSet<string> own, HostAssemblies host)
    {
        if (host.IsShared(reference.Name)) return CheckVersion(file, reference, host);
        if (own.Contains(reference.Name)) return null;
        if (host.IsFramework(reference.Name)) return CheckVersion(file, reference, host);
        return host.IsHostOnly(reference.Name)
            ? $"plugin {manifest.Name} uses host assembly {reference.Name} (in {file.Path})"
            : $"{file.Path} needs assembly {reference.Name}, which is not in the folder";
    }

    private static string? CheckVersion(ManagedFile file, Reference reference, HostAssemblies host)
    {
        Version present = host.GetVersion(reference.Name);
        return reference.Version > present
            ? $"{file.Path} was built against {reference.Name} {reference.Version}; this host has {present}"
            : null;
    }

    private static string Remedy(string[] problems) => problems.Any(problem => problem.Contains(" was built against ", StringComparison.Ordinal))
        ? "use a newer host, or build the plugin against this one"
        : "build the plugin against TgtModular.Abstractions alone, with all else it needs in its folder";

    private static string Shadowed(ManagedFile file, HostAssemblies host) =>
        $"{file.Path} brings {file.Name} {file.Version} along; the host's {host.GetVersion(file.Name)} is used";

    private static ManagedFile? Read(string directory, string path)
    {
        using FileStream stream = File.OpenRead(Path.Combine(directory, path));
        using var image = new PEReader(stream);
        try
        {
            if (!image.HasMetadata) return null;
            MetadataReader metadata = image.GetMetadataReader();
            if (!metadata.IsAssembly) return null;
            AssemblyDefinition definition = metadata.GetAssemblyDefinition();
            Reference[] references = [.. metadata.AssemblyReferences.Select(metadata.GetAssemblyReference)
                .Select(reference => new Reference(metadata.GetString(reference.Name), reference.Version))];
            Guid module = metadata.GetGuid(metadata.GetModuleDefinition().Mvid);
            return new ManagedFile(path, metadata.GetString(definition.Name), definition.Version, module, references);
        }
        catch (BadImageFormatException)
        {
            return null; // A native library, or no library at all: nothing the runtime would run as managed code.
        }
    }

    private sealed record ManagedFile(string Path, string Name, Version Version, Guid Module, Reference[] References);

    private sealed record Reference(string Name, Version Version);
}
