using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Stores;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.Core.Engine;

/// <summary>The open stores. Changed by one control operation at a time.</summary>
internal sealed class StoreRegistry(EngineServices services, PluginHosts hosts)
{
    private const string SizeOption = "size";

    private readonly ILogger _logger = services.Loggers.CreateLogger("tgt.stores");

    public ImmutableSortedDictionary<string, StoreEntry> All { get; private set; } =
        ImmutableSortedDictionary<string, StoreEntry>.Empty.WithComparers(StringComparer.Ordinal);

    public StoreEntry? Find(string name) => All.GetValueOrDefault(name);

    public async ValueTask<ControlResult> AddAsync(StoreSpec spec, Owner owner, CancellationToken cancellationToken)
    {
        if (All.ContainsKey(spec.Name)) return ControlResult.Exists("store", spec.Name);
        List<StoreEntry> lower = [];
        foreach (string name in spec.Lower)
        {
            if (Find(name) is not { } beneath) return ControlResult.NotFound("store", name);
            if (beneath.UsedBy.Count > 0 && !beneath.Spec.Shared) return InUse(beneath);
            lower.Add(beneath);
        }

        if (services.Plugins.Resolve<IStoreFactory>(PluginKind.Store, spec.Type, out string problem) is not { } plugin)
            return new ControlResult(ControlError.NoPlugin, problem);
        if (CountProblem(plugin.Factory.LowerCount, lower.Count) is { } wrongCount) return ControlResult.Invalid($"store '{spec.Name}' {wrongCount}");

        StoreEntry entry = new(spec, owner, services.Loggers.CreateLogger($"tgt.store.{spec.Name}"))
        {
            Concurrency = lower.Select(store => store.Concurrency).Append(plugin.Concurrency).Min(),
        };
        (ControlResult result, OpenedStore? opened) = await OpenAsync(entry, spec.Options, plugin, null, cancellationToken);
        if (opened is null) return result;
        entry.Opened = opened;
        entry.PluginVersion = plugin.Version;
        entry.Store = StoreHandle.Over(opened.Store, opened.Host.Workers) ?? opened.Store;
        foreach (StoreEntry beneath in lower)
        {
            beneath.UsedBy.Add(new StoreUser(IsUnit: false, spec.Name));
            beneath.LengthChanged += _ => entry.Resized(entry.Store.Length);
        }

        All = All.Add(spec.Name, entry);
        return ControlResult.Ok;
    }

    /// <summary>Has a plugin open a store for an entry, over the stores beneath it; the entry stays as it is but for whom it listens to.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="options">Its options.</param>
    /// <param name="plugin">The plugin.</param>
    /// <param name="upTo">How long that may take; as the plugin says when null. A store that opens after that is closed again.</param>
    /// <param name="cancellationToken">Ends the waiting, too.</param>
    public async ValueTask<(ControlResult Result, OpenedStore? Opened)> OpenAsync(
        StoreEntry entry, OptionValues options, ResolvedFactory<IStoreFactory> plugin, TimeSpan? upTo, CancellationToken cancellationToken)
    {
        string name = entry.Spec.Name;
        PluginHost host = hosts.Create("store", name);
        try
        {
            StoreOpenContext context = new(name, options, host, entry.Listen(), [.. entry.Spec.Lower.Select(lower => Find(lower)!.Store)]);
            return (ControlResult.Ok, await PluginCalls.MakeAsync(plugin, MakeAsync, upTo ?? plugin.Factory.OpeningLimit, services.Clock, late => late.DisposeAsync(), cancellationToken));

            async ValueTask<OpenedStore> MakeAsync(CancellationToken token) => new(await plugin.Factory.OpenAsync(context, token), host, plugin);
        }
        catch (CallHangsException hanging)
        {
            return (ControlResult.Failed($"store '{name}': plugin {plugin.PluginName} did not open it within {hanging.Limit.TotalSeconds:0.###} s; it is left out, and closed should it open after all"), null);
        }
        catch (StoreOpenException failure)
        {
            host.Dispose();
            return (ControlResult.Failed($"store '{name}': {failure.Message}"), null);
        }
#pragma warning disable CA1031 // A plugin may throw anything; it costs this store and nothing else.
        catch (Exception fault) when (fault is not OperationCanceledException)
#pragma warning restore CA1031
        {
            host.Dispose();
            return (EngineFaults.Report(_logger, $"store '{name}'", plugin.PluginName, fault), null);
        }
    }

    /// <summary>True when a store is another, or stands on it.</summary>
    public bool StandsOn(string name, string other) => name == other || (Find(name) is { } entry && entry.Spec.Lower.Any(lower => StandsOn(lower, other)));

    /// <summary>What is wrong with the number of stores beneath; null when nothing.</summary>
    public static string? CountProblem(int wanted, int given) => wanted switch
    {
        0 when given > 0 => "has no stores beneath it: 'over' is for filters",
        > 0 when given != wanted => $"is a filter and needs {wanted} store(s) beneath it: 'over' names {given}",
        < 0 when given == 0 => "is a filter and needs at least one store beneath it: name them with 'over'",
        _ => null,
    };

    /// <summary>Closes a store that nothing uses.</summary>
    public async ValueTask<ControlResult> RemoveAsync(string name)
    {
        if (Find(name) is not { } entry) return ControlResult.NotFound("store", name);
        if (entry.UsedBy.Count > 0) return InUse(entry);
        All = All.Remove(name);
        foreach (string lower in entry.Spec.Lower) Find(lower)?.UsedBy.Remove(new StoreUser(IsUnit: false, name));
        try
        {
            await entry.CloseAsync();
        }
#pragma warning disable CA1031 // As above; the store is gone all the same.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            return EngineFaults.Report(_logger, $"closing store '{name}'", entry.Spec.Type.Name, fault);
        }

        return ControlResult.Ok;
    }

    public async ValueTask<ControlResult> ResizeAsync(string name, long length, CancellationToken cancellationToken)
    {
        if (Find(name) is not { } entry) return ControlResult.NotFound("store", name);
        if (entry.Store is not IBlockStore block || !entry.Store.Info.Has(StoreCapabilities.Resize))
            return new ControlResult(ControlError.NotSupported, $"store '{name}' of type {entry.Spec.Type.Name} cannot change its size");
        StorageResult result = await block.ResizeAsync(length, cancellationToken);
        if (!result.IsOk) return ControlResult.Failed($"store '{name}' could not be resized to {length} bytes: {result.Status}");
        // Where no size was given the store has that of its file or device, now as before: a file without one still describes it.
        if (entry.Spec.Options.Given.ContainsKey(SizeOption))
        {
            Dictionary<string, object> given = new(entry.Spec.Options.Given) { [SizeOption] = length };
            entry.Spec = entry.Spec with { Options = new OptionValues(entry.Spec.Options.Schema, given) };
        }

        return ControlResult.Ok;
    }

    public static ControlResult InUse(StoreEntry entry) =>
        ControlResult.InUse($"store '{entry.Spec.Name}' is in use by {string.Join(", ", entry.UsedBy)}");

    public static StoreStatus Describe(StoreEntry entry) => new(
        entry.Spec, entry.Owner, entry.Health, entry.Problem, entry.PluginVersion, entry.Store.Length, entry.Store.Info, [.. entry.UsedBy.Select(user => user.ToString())]);
}
