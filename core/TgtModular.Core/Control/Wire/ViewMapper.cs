using System.Globalization;
using TgtModular.Core.Configuration;
using TgtModular.Plugins;
using TgtModular.Storage;

namespace TgtModular.Core.Control.Wire;

/// <summary>Makes what goes over the wire of what the engine tells. Secrets stay behind.</summary>
public static class ViewMapper
{
    /// <summary>A transport.</summary>
    public static TransportView ToView(TransportStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        TransportSpec spec = status.Spec;
        return new TransportView(
            spec.Name, spec.Plugin.ToString(), status.PluginVersion, ControlJson.Name(status.Owner), ControlJson.Name(status.Health), status.Problem,
            [.. status.Portals.Select(portal => new PortalView(portal.Address, portal.PortalGroupTag))], Options(spec.Options), Users(spec.DiscoveryChap));
    }

    /// <summary>A store.</summary>
    public static StoreView ToView(StoreStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        StoreSpec spec = status.Spec;
        string[] capabilities =
            [.. Enum.GetValues<StoreCapabilities>().Where(flag => flag != StoreCapabilities.None && status.Info.Has(flag)).Select(ControlJson.Name)];
        return new StoreView(
            spec.Name, spec.Type.ToString(), status.PluginVersion, ControlJson.Name(status.Owner), ControlJson.Name(status.Health), status.Problem,
            status.Length,
            capabilities, spec.Lower, spec.Shared, status.UsedBy, Options(spec.Options));
    }

    /// <summary>A unit.</summary>
    public static UnitView ToView(UnitStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        UnitSpec spec = status.Spec;
        return new UnitView(
            spec.Name, spec.Device.ToString(), status.PluginVersion, ControlJson.Name(status.DeviceType), ControlJson.Name(status.Owner),
            ControlJson.Name(status.Health),
            status.Problem, spec.Stores, status.Identity.Vendor, status.Identity.Product, status.Identity.Revision, status.Identity.Serial,
            status.Identity.ScsiId,
            status.Identity.Naa?.ToString("x", CultureInfo.InvariantCulture), status.Geometry is { } geometry ? geometry.BlockLength * geometry.BlockCount
                : null,
            status.Geometry?.BlockLength, status.Geometry?.BlockCount, status.Geometry?.WriteCacheEnabled, status.Geometry?.ReadOnly, Options(spec.Options));
    }

    /// <summary>A target.</summary>
    public static TargetView ToView(TargetStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        TargetSpec spec = status.Spec;
        return new TargetView(
            spec.Key, ControlJson.Name(status.Owner), spec.Online,
            [.. spec.Transports.Select(seen => new TargetNameView(seen.Transport, seen.TargetName, Options(seen.Options, but: "name")))],
            [.. spec.Access.Rules.Select(rule =>
                new AccessRuleView([.. rule.Addresses.Select(item => item.ToString())], [.. rule.Initiators.Select(item => item.Text)]))],
            Users(spec.Chap), spec.Chap.Outgoing?.User,
            [.. spec.Luns.Select(lun => new LunView(lun.Number, lun.Unit, [.. lun.Initiators.Select(item => item.Text)]))], status.Sessions);
    }

    /// <summary>A session.</summary>
    public static SessionView ToView(SessionStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        var session = status.Session;
        return new SessionView(
            status.Transport, session.SessionId, session.TargetName, session.InitiatorName, session.InitiatorAlias,
            [.. session.Connections.Select(connection => new ConnectionView(connection.ConnectionId, connection.Peer, connection.State))], session.Parameters);
    }

    /// <summary>A unit's counters.</summary>
    public static StatisticsView ToStatistics(UnitStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        UnitStatistics counted = status.Statistics;
        return new StatisticsView(
            status.Spec.Name, counted.ReadCommands, counted.ReadBytes, counted.WriteCommands, counted.WriteBytes, counted.OtherCommands, counted.Errors,
            counted.Running);
    }

    /// <summary>An operation of a plan.</summary>
    public static OperationView ToView(ControlOperation operation, ControlResult? result = null)
    {
        ArgumentNullException.ThrowIfNull(operation);
        string? ended = result is { } known ? known.IsOk ? "ok" : ControlJson.Name(known.Error) : null;
        return new OperationView(
            ControlJson.Name(operation.Change), operation.Subject.KindName, operation.Subject.Name, operation.Detail, ended, result is { IsOk: false } failed
                ? failed.Message : null);
    }

    private static Dictionary<string, string> Options(OptionValues options, string? but = null) =>
        options.Given.Where(entry => entry.Key != but).ToDictionary(entry => entry.Key, entry => SpecText.Value(options.Schema.Find(entry.Key)!, entry.Value),
            StringComparer.Ordinal);

    private static string[] Users(ChapSpec chap) => [.. chap.Incoming.Select(account => account.User)];
}
