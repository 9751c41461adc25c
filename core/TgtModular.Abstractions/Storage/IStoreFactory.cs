using TgtModular.Plugins;

namespace TgtModular.Storage;

/// <summary>What a store factory gets to open a store.</summary>
/// <param name="Name">Name of the store in the configuration.</param>
/// <param name="Options">Values by the factory's schema.</param>
/// <param name="Host">Services of the host.</param>
/// <param name="Observer">Where the store reports events.</param>
/// <param name="Lower">The stores beneath a filter, already open and owned by the core; empty for others.</param>
public sealed record StoreOpenContext(
    string Name, OptionValues Options, IPluginHost Host, IStoreObserver Observer, IReadOnlyList<IBackingStore> Lower);

/// <summary>A store that cannot be opened, with a message for the administrator: what is wrong and what to do. The core puts the store's name in front.</summary>
public sealed class StoreOpenException : Exception
{
    /// <summary>With a message.</summary>
    public StoreOpenException(string message)
        : base(message)
    {
    }

    /// <summary>With a message and its cause.</summary>
    public StoreOpenException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Without a message; for serialisers.</summary>
    public StoreOpenException()
    {
    }
}

/// <summary>What may become of an open store when another version of its plugin takes over while the daemon runs (<c>tgtctl plugin upgrade</c>).</summary>
public enum StoreUpgrade : byte
{
    /// <summary>
    /// The store is closed and opened anew by the other version; sessions stay, and initiators learn by unit attention (MICROCODE HAS BEEN CHANGED) that other code serves the unit.
    /// </summary>
    Announced,

    /// <summary>
    /// As before, and initiators are told nothing: what they could see is the same in both versions. Holds when both versions say so.
    /// </summary>
    Unnoticed,

    /// <summary>It must not be done: the data do not outlive the open store, or it cannot be opened twice in one process.</summary>
    Refused,
}

/// <summary>Opens stores of one type. Exported with <see cref="ExportStoreAttribute"/>; made once.</summary>
public interface IStoreFactory
{
    /// <summary>The options it understands.</summary>
    OptionSchema Options { get; }

    /// <summary>Number of stores beneath: 0 for a plain store, 1 for a filter, -1 for one or more.</summary>
    int LowerCount => 0;

    /// <summary>
    /// What an upgrade may do to an open store of this type. Default: close it and open it anew, and tell initiators. Before it is closed no call is under way in it and it was flushed;
    /// the new one is opened with the same options over the same stores, and must have the same data.
    /// </summary>
    StoreUpgrade Upgrade => StoreUpgrade.Announced;

    /// <summary>
    /// How long opening may take. A store that is not open by then is left out, so that the others can be served; when it opens after all, it is closed. An upgrade, during which
    /// commands wait, gives it 30 s whatever is said here. Default: 30 s.
    /// </summary>
    TimeSpan OpeningLimit => TimeSpan.FromSeconds(30);

    /// <summary>Opens a store.</summary>
    /// <exception cref="StoreOpenException">It cannot be opened; the message says why.</exception>
    ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken);
}
