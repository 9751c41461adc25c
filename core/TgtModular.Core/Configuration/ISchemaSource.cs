using System.Diagnostics.CodeAnalysis;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Storage;
using TgtModular.Transports;

namespace TgtModular.Core.Configuration;

/// <summary>Where configuration binding learns what plugins there are and what options they take. Nothing is opened or made through it.</summary>
public interface ISchemaSource
{
    /// <summary>Finds the store type.</summary>
    /// <param name="reference">Its name, perhaps pinned.</param>
    /// <param name="factory">The factory.</param>
    /// <param name="problem">Why there is none, with a remedy: not found, only other versions, failed to load.</param>
    bool TryFindStore(PluginReference reference, [NotNullWhen(true)] out IStoreFactory? factory, [NotNullWhen(false)] out string? problem);

    /// <summary>Finds the device type.</summary>
    /// <param name="reference">Its name, perhaps pinned.</param>
    /// <param name="factory">The factory.</param>
    /// <param name="problem">Why there is none, with a remedy.</param>
    bool TryFindDevice(PluginReference reference, [NotNullWhen(true)] out IDeviceTypeFactory? factory, [NotNullWhen(false)] out string? problem);

    /// <summary>Finds the transport.</summary>
    /// <param name="reference">Its name, perhaps pinned.</param>
    /// <param name="factory">The factory.</param>
    /// <param name="problem">Why there is none, with a remedy.</param>
    bool TryFindTransport(PluginReference reference, [NotNullWhen(true)] out ITransportFactory? factory, [NotNullWhen(false)] out string? problem);

    /// <summary>
    /// True of a plugin that is there and is left out since the last start, because it ended the daemon: what the configuration says of it may be right, and what does without it is served.
    /// </summary>
    bool IsLeftOut(PluginKind kind, PluginReference reference) => false;

    /// <summary>Names that can be found, for suggestions.</summary>
    IReadOnlyCollection<string> GetNames(PluginKind kind);
}
