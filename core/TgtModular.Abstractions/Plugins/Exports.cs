using System.Composition;
using TgtModular.Devices;
using TgtModular.Storage;
using TgtModular.Transports;

namespace TgtModular.Plugins;

/// <summary>Version of this contract. A plugin's manifest names the range it was built for.</summary>
public static class Contract
{
    /// <summary>Major and minor version; below 1.0 every minor version may break.</summary>
    public static Version Version { get; } = new(0, 1);
}

/// <summary>What a plugin brings.</summary>
public enum PluginKind
{
    /// <summary>A backing store.</summary>
    Store,

    /// <summary>A device type.</summary>
    Device,

    /// <summary>A transport.</summary>
    Transport,
}

/// <summary>Exports an <see cref="IStoreFactory"/> under the name that <c>type = "..."</c> of a store gives.</summary>
[MetadataAttribute]
[AttributeUsage(AttributeTargets.Class)]
public sealed class ExportStoreAttribute(string name) : ExportAttribute(typeof(IStoreFactory))
{
    /// <summary>The type's name: lower case letters, digits and hyphens.</summary>
    public string Name { get; } = name;
}

/// <summary>Exports an <see cref="IDeviceTypeFactory"/> under the name that <c>device = "..."</c> of a unit gives.</summary>
[MetadataAttribute]
[AttributeUsage(AttributeTargets.Class)]
public sealed class ExportDeviceTypeAttribute(string name) : ExportAttribute(typeof(IDeviceTypeFactory))
{
    /// <summary>The type's name: lower case letters, digits and hyphens.</summary>
    public string Name { get; } = name;
}

/// <summary>Exports an <see cref="ITransportFactory"/> under the name that <c>[transport.NAME]</c> gives.</summary>
[MetadataAttribute]
[AttributeUsage(AttributeTargets.Class)]
public sealed class ExportTransportAttribute(string name) : ExportAttribute(typeof(ITransportFactory))
{
    /// <summary>The transport's name: lower case letters, digits and hyphens.</summary>
    public string Name { get; } = name;
}
