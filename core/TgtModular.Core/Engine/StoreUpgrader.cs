using Microsoft.Extensions.Logging;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Core.Stores;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Storage;

namespace TgtModular.Core.Engine;

/// <summary>What it takes to have a store served by another version of its plugin.</summary>
/// <param name="Entry">The store.</param>
/// <param name="Next">The new version.</param>
/// <param name="Options">The store's options as the new version reads them.</param>
/// <param name="Back">The version it has; null when none is open.</param>
/// <param name="Unnoticed">Initiators need not be told.</param>
internal sealed record StoreUpgradePlan(
    StoreEntry Entry, ResolvedFactory<IStoreFactory> Next, OptionValues Options, ResolvedFactory<IStoreFactory>? Back, bool Unnoticed);

/// <summary>
/// Puts another version's store behind the handle of an open one: new calls are held back, those under way end, the old store is flushed and closed, the new one opened and checked.
/// What fails before the old one is closed changes nothing; after that, the old version is opened again.
/// </summary>
internal sealed partial class StoreUpgrader(StoreRegistry stores, UnitRegistry units, EngineServices services)
{
    private readonly ILogger _logger = services.Loggers.CreateLogger("tgt.stores");

    /// <summary>Looks whether it can be done, as far as that can be known before the store is touched.</summary>
    /// <param name="entry">The store.</param>
    /// <param name="version">The new version, in full.</param>
    /// <param name="problem">With a null result: why not.</param>
    public StoreUpgradePlan? Prepare(StoreEntry entry, string version, out string problem)
    {
        problem = "";
        if (Resolve(entry, version, out problem) is not { } next) return null;
        if (entry.Handle is null)
            return Refuse("it is a store of a kind that can only be closed and opened with whatever uses it: restart the daemon, or remove it and add it again", out problem);
        ResolvedFactory<IStoreFactory>? back = null;
        if (entry.Opened is not null && (back = Resolve(entry, entry.PluginVersion, out problem)) is null)
            return Refuse($"there would be no way back: {problem}", out problem);
        if (next.Factory.Upgrade == StoreUpgrade.Refused || back?.Factory.Upgrade == StoreUpgrade.Refused)
        {
            return Refuse(
                $"stores of type {entry.Spec.Type.Name} cannot change their version while the daemon runs: its plugin says so (their data may not outlive the open store)", out problem);
        }

        if (StoreRegistry.CountProblem(next.Factory.LowerCount, entry.Spec.Lower.Count) is { } wrongCount) return Refuse($"in version {version} it {wrongCount}", out problem);
        if (next.Concurrency < entry.Concurrency)
        {
            return Refuse(
                $"version {version} takes calls {next.Concurrency}, and its users make them {entry.Concurrency}: restart the daemon to go to it", out problem);
        }

        if (Bind(entry.Spec.Options, next.Factory.Options, out problem) is not { } options) return null;
        bool unnoticed = next.Factory.Upgrade == StoreUpgrade.Unnoticed && (back is null || back.Factory.Upgrade == StoreUpgrade.Unnoticed);
        return new StoreUpgradePlan(entry, next, options, back, unnoticed);
    }

    /// <summary>Does it.</summary>
    /// <param name="plan">What.</param>
    /// <param name="timeout">How long to wait for the calls under way.</param>
    /// <returns>Why it was not done and what became of the store; null when it was done.</returns>
    public async Task<string?> RunAsync(StoreUpgradePlan plan, TimeSpan timeout)
    {
        StoreEntry entry = plan.Entry;
        StoreHandle handle = entry.Handle!;
        long begin = services.Clock.GetTimestamp();
        if (await HoldAsync(entry, handle, timeout) is { } refusal) return refusal;
        long length = handle.Length;
        try
        {
            if (entry.Opened is { } old && await CloseAsync(entry, old) is { } left) return Leave(entry, handle, length, left);
            (OpenedStore? opened, string problem) = await OpenAsync(plan, length);
            if (opened is null) return await GoBackAsync(plan, length, problem);
            Install(entry, opened);
            entry.Spec = entry.Spec with { Options = plan.Options };
            Tell(entry, length, plan.Unnoticed);
            LogUpgraded(_logger, entry.Spec.Name, plan.Next.PluginName, plan.Next.Version, services.Clock.GetElapsedTime(begin).TotalMilliseconds);
            return null;
        }
        finally
        {
            handle.BringOnline();
        }
    }

    private static StoreUpgradePlan? Refuse(string why, out string problem)
    {
        problem = why;
        return null;
    }

    private ResolvedFactory<IStoreFactory>? Resolve(StoreEntry entry, string version, out string problem)
    {
        var reference = new PluginReference(entry.Spec.Type.Name, version);
        if (services.Plugins.Resolve<IStoreFactory>(PluginKind.Store, reference, out problem) is not { } found) return null;
        if (found.Version == version) return found;
        problem = $"there is no store '{reference}'";
        return null;
    }

    /// <summary>The same options for a version that may have others.</summary>
    private static OptionValues? Bind(OptionValues options, OptionSchema schema, out string problem)
    {
        foreach ((string name, object value) in options.Given)
        {
            if (schema.Find(name) is not { } definition) continue; // named by the constructor
            if (definition.Type != options.Schema.Find(name)?.Type)
            {
                problem = $"its option {name} is a {definition.Type} in the new version: remove the store and add it again";
                return null;
            }

            bool chosen = definition.Choices.Count == 0 || (value is string text && definition.Choices.Contains(text));
            if (!chosen || definition.Check?.Invoke(value) is not null)
            {
                problem = $"the new version does not take the value of its option {name}: {definition.Check?.Invoke(value) ?? $"it wants {string.Join(", ", definition.Choices)}"}";
                return null;
            }
        }

        try
        {
            problem = "";
            return new OptionValues(schema, options.Given);
        }
        catch (ArgumentException misfit)
        {
            problem = $"its options do not fit the new version: {misfit.Message}";
            return null;
        }
    }

    /// <summary>Holds back calls, lets those under way end, and has the data made durable. Null when the store may be closed; else nothing was changed.</summary>
    private async Task<string?> HoldAsync(StoreEntry entry, StoreHandle handle, TimeSpan timeout)
    {
        const string Nothing = "nothing was changed";
        using var limit = new CancellationTokenSource(timeout, services.Clock);
        try
        {
            await handle.TakeOfflineAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            return $"calls under way in it did not end within {timeout.TotalSeconds:0.###} s: {Nothing}, version {entry.PluginVersion} serves on";
        }

        if (entry.Opened is not { } old) return null;
        string? problem;
        try
        {
            StorageResult flushed = await Task.Run(() => FlushAsync(old.Store, limit.Token)).WaitAsync(limit.Token);
            problem = flushed.IsOk || !old.Store.Info.Has(StoreCapabilities.Write) ? null : $"its data could not be made durable ({flushed.Status})";
        }
        catch (OperationCanceledException)
        {
            problem = $"its data were not durable within {timeout.TotalSeconds:0.###} s";
        }
#pragma warning disable CA1031 // A plugin may throw anything.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            problem = EngineFaults.Report(_logger, $"flushing store '{entry.Spec.Name}'", old.Plugin.PluginName, fault).Message;
        }

        if (problem is null) return null;
        handle.BringOnline();
        return $"{problem}: {Nothing}, version {entry.PluginVersion} serves on";
    }

    private static Task<StorageResult> FlushAsync(IBackingStore store, CancellationToken cancellationToken) => store switch
    {
        IBlockStore block => block.FlushAsync(cancellationToken).AsTask(),
        IMediumStore medium => medium.FlushAsync(cancellationToken).AsTask(),
        _ => Task.FromResult(StorageResult.Ok),
    };

    /// <summary>Closes the old store. A store that throws is closed all the same; one that does not return may still have its files.</summary>
    /// <returns>Null when it is closed.</returns>
    private async Task<string?> CloseAsync(StoreEntry entry, OpenedStore old)
    {
        entry.Opened = null;
        try
        {
            await Task.Run(() => old.DisposeAsync().AsTask()).WaitAsync(PluginCalls.Limit, services.Clock);
            return null;
        }
        catch (TimeoutException)
        {
            return $"version {entry.PluginVersion} did not close it within {PluginCalls.Limit.TotalSeconds} s";
        }
#pragma warning disable CA1031 // As above.
        catch (Exception fault)
#pragma warning restore CA1031
        {
            _ = EngineFaults.Report(_logger, $"closing store '{entry.Spec.Name}'", old.Plugin.PluginName, fault);
            return null;
        }
    }

    private async Task<(OpenedStore? Opened, string Problem)> OpenAsync(StoreUpgradePlan plan, long length)
    {
        StoreHandle handle = plan.Entry.Handle!;
        (OpenedStore? opened, string problem) = await OpenAsync(plan.Entry, plan.Options, plan.Next);
        if (opened is null) return (null, problem);
        IBackingStore store = opened.Store;
        string? misfit = handle is IBlockStore != store is IBlockStore || handle is IMediumStore != store is IMediumStore ? "it is a store of another kind"
            : StoreTraits.FindLess(handle.Info, store.Info);
        if (misfit is null && store.Length < length) misfit = $"it has {store.Length} bytes, and had {length}";
        if (misfit is null) return (opened, "");
        _ = await CloseAsync(plan.Entry, opened);
        return (null, $"version {plan.Next.Version} cannot take its place: {misfit}");
    }

    private async Task<(OpenedStore? Opened, string Problem)> OpenAsync(StoreEntry entry, OptionValues options, ResolvedFactory<IStoreFactory> plugin)
    {
        (ControlResult result, OpenedStore? opened) = await stores.OpenAsync(entry, options, plugin, PluginCalls.Limit, CancellationToken.None);
        return (opened, opened is null ? $"version {plugin.Version} could not open it: {result.Message}" : "");
    }

    private async Task<string> GoBackAsync(StoreUpgradePlan plan, long length, string problem)
    {
        StoreEntry entry = plan.Entry;
        if (plan.Back is null) return Leave(entry, entry.Handle!, length, problem);
        (OpenedStore? opened, string backProblem) = await OpenAsync(entry, entry.Spec.Options, plan.Back);
        if (opened is null) return Leave(entry, entry.Handle!, length, $"{problem}; {backProblem}");
        Install(entry, opened);
        LogWentBack(_logger, entry.Spec.Name, plan.Back.Version, problem);
        return $"{problem}; version {plan.Back.Version} was opened again and serves on";
    }

    private static void Install(StoreEntry entry, OpenedStore opened)
    {
        entry.Handle!.Exchange(opened.Store);
        entry.Opened = opened;
        entry.PluginVersion = opened.Plugin.Version;
    }

    /// <summary>No version of it is open: its commands fail until an upgrade, to any version, has opened it.</summary>
    private static string Leave(StoreEntry entry, StoreHandle handle, long length, string problem)
    {
        _ = entry.Listen(); // what the closed one still has to say is not heard
        if (handle is IBlockStore) handle.Exchange(new AbsentStore(handle.Info, length));
        string text = $"{problem}; it is closed: mend what is wrong and upgrade again (--to any version), or restart the daemon";
        entry.Lost(text);
        return text;
    }

    /// <summary>A unit attention for whoever had to do with the old one (SPC-5 section 5.5: microcode; SBC-4 section 4.10: capacity).</summary>
    private void Tell(StoreEntry entry, long lengthBefore, bool unnoticed)
    {
        if (!unnoticed)
        {
            foreach (UnitEntry unit in units.All.Values.Where(unit => unit.Spec.Stores.Values.Any(name => stores.StandsOn(name, entry.Spec.Name))))
                unit.Unit.EstablishUnitAttention(AdditionalSense.MicrocodeHasBeenChanged);
        }

        if (entry.Store.Length != lengthBefore) entry.Resized(entry.Store.Length);
    }

    [LoggerMessage(EventId = 350, Level = LogLevel.Information, Message = "store {Store} is served by {Plugin} {Version} now; its commands were held back for {Milliseconds:0} ms at most")]
    private static partial void LogUpgraded(ILogger logger, string store, string plugin, string version, double milliseconds);

    [LoggerMessage(EventId = 351, Level = LogLevel.Error, Message = "store {Store} went back to version {Version}: {Problem}")]
    private static partial void LogWentBack(ILogger logger, string store, string version, string problem);
}
