using Microsoft.Extensions.Logging;
using TgtModular.Core.Configuration;

namespace TgtModular.Core.Control;

/// <summary>Logs what people do by hand, and what became of it, in the notation of a plan. Nothing secret is shown.</summary>
/// <param name="inner">Carries it out.</param>
/// <param name="logger">Where it is written down.</param>
public sealed partial class RecordedControl(IEngineControl inner, ILogger logger) : IEngineControl
{
    /// <inheritdoc/>
    public EngineSnapshot GetSnapshot() => inner.GetSnapshot();

    /// <inheritdoc/>
    public ValueTask<ControlResult> AddStoreAsync(StoreSpec store, Owner owner, CancellationToken cancellationToken) =>
        RecordAsync(new AddStore(store), inner.AddStoreAsync(store, owner, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ControlResult> RemoveStoreAsync(string name, bool force, CancellationToken cancellationToken) =>
        RecordAsync($"- {new ObjectName(ObjectKind.Store, name)}", inner.RemoveStoreAsync(name, force, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ControlResult> ResizeStoreAsync(string name, long length, CancellationToken cancellationToken) =>
        RecordAsync($"~ {new ObjectName(ObjectKind.Store, name)}: size {Quantity.FormatSize(length)}", inner.ResizeStoreAsync(name, length, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ControlResult> AddUnitAsync(UnitSpec unit, Owner owner, CancellationToken cancellationToken) =>
        RecordAsync(new AddUnit(unit), inner.AddUnitAsync(unit, owner, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ControlResult> RemoveUnitAsync(string name, bool force, CancellationToken cancellationToken) =>
        RecordAsync(new RemoveUnit(name), inner.RemoveUnitAsync(name, force, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ControlResult> SetUnitParameterAsync(string name, string parameter, string value, CancellationToken cancellationToken) =>
        RecordAsync(
            $"~ {new ObjectName(ObjectKind.Unit, name)}: {parameter}={value}", inner.SetUnitParameterAsync(name, parameter, value, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ControlResult> AddTargetAsync(TargetSpec target, Owner owner, CancellationToken cancellationToken) =>
        RecordAsync(new AddTarget(target), inner.AddTargetAsync(target, owner, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ControlResult> RemoveTargetAsync(string key, bool force, CancellationToken cancellationToken) =>
        RecordAsync($"- {new ObjectName(ObjectKind.Target, key)}", inner.RemoveTargetAsync(key, force, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ControlResult> ChangeTargetAsync(string key, TargetChange change, CancellationToken cancellationToken) =>
        RecordAsync(new ChangeTarget(key, change), inner.ChangeTargetAsync(key, change, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ControlResult> StartTransportAsync(TransportSpec transport, Owner owner, CancellationToken cancellationToken) =>
        RecordAsync(new StartTransport(transport), inner.StartTransportAsync(transport, owner, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ControlResult> ReconfigureTransportAsync(TransportSpec transport, CancellationToken cancellationToken) =>
        RecordAsync(new ReconfigureTransport(transport, SpecText.Describe(transport)), inner.ReconfigureTransportAsync(transport, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ControlResult> StopTransportAsync(string name, bool force, CancellationToken cancellationToken) =>
        RecordAsync($"- {new ObjectName(ObjectKind.Transport, name)}", inner.StopTransportAsync(name, force, cancellationToken));

    /// <inheritdoc/>
    public async ValueTask<PluginUpgradeResult> UpgradePluginAsync(PluginUpgrade request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        PluginUpgradeResult result = await inner.UpgradePluginAsync(request, cancellationToken);
        if (!request.DryRun) Record($"~ plugin {request.Plugin}: version {(result.Version.Length > 0 ? result.Version : request.Version ?? "?")}", result.Result);
        return result;
    }

    /// <inheritdoc/>
    public async ValueTask<PluginRemovalResult> RemovePluginAsync(string name, string? version, bool force, CancellationToken cancellationToken)
    {
        PluginRemovalResult result = await inner.RemovePluginAsync(name, version, force, cancellationToken);
        Record($"- plugin {name}{(version is null ? "" : $"@{version}")}{(result.Objects.Count == 0 ? "" : $", with {string.Join(", ", result.Objects)}")}", result.Result);
        return result;
    }

    /// <inheritdoc/>
    public ValueTask<ControlResult> SetOwnerAsync(ObjectName name, Owner owner, CancellationToken cancellationToken) =>
        RecordAsync($"~ {name}: owned by the {(owner == Owner.File ? "file" : "run time")}", inner.SetOwnerAsync(name, owner, cancellationToken));

    /// <inheritdoc/>
    public ValueTask<ControlResult> CloseSessionAsync(string transport, ulong sessionId, uint? connectionId, CancellationToken cancellationToken) =>
        RecordAsync(
            $"- session {sessionId} of {transport}{(connectionId is { } id ? $", connection {id}" : "")}",
            inner.CloseSessionAsync(transport, sessionId, connectionId, cancellationToken));

    private async ValueTask<ControlResult> RecordAsync(object operation, ValueTask<ControlResult> execution)
    {
        ControlResult result = await execution;
        Record(operation, result);
        return result;
    }

    private void Record(object operation, ControlResult result)
    {
        if (result.IsOk) LogDone(logger, operation);
        else LogRefused(logger, operation, result.Message);
    }

    [LoggerMessage(EventId = 340, Level = LogLevel.Information, Message = "{Operation}")]
    private static partial void LogDone(ILogger logger, object operation);

    [LoggerMessage(EventId = 341, Level = LogLevel.Warning, Message = "{Operation}: refused: {Problem}")]
    private static partial void LogRefused(ILogger logger, object operation, string problem);
}
