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

/// <summary>Opens stores of one type. Exported with <see cref="ExportStoreAttribute"/>; made once.</summary>
public interface IStoreFactory
{
    /// <summary>The options it understands.</summary>
    OptionSchema Options { get; }

    /// <summary>Number of stores beneath: 0 for a plain store, 1 for a filter, -1 for one or more.</summary>
    int LowerCount => 0;

    /// <summary>Opens a store.</summary>
    /// <exception cref="StoreOpenException">It cannot be opened; the message says why.</exception>
    ValueTask<IBackingStore> OpenAsync(StoreOpenContext context, CancellationToken cancellationToken);
}
