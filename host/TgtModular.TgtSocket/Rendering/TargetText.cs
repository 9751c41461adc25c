using System.Globalization;
using System.Net;
using System.Text;
using TgtModular.Core.Configuration;
using TgtModular.Core.Control;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.TgtSocket.Model;
using TgtModular.Transports;

namespace TgtModular.TgtSocket.Rendering;

/// <summary>The text of <c>target show</c> and <c>conn show</c>, which tgt-admin reads: it is equal to tgt's to the byte.</summary>
internal static class TargetText
{
    private const string None = "None";
    private const string ControllerType = "controller";

    /// <summary>Targets with sessions, units, accounts and access rules.</summary>
    public static string Render(Call call, IEnumerable<TgtTarget> targets)
    {
        var text = new StringBuilder();
        foreach (TgtTarget target in targets.Where(target => call.Request.Driver.Length == 0 || target.Driver == call.Request.Driver)) Append(text, call, target);
        return text.ToString();
    }

    /// <summary>Sessions with their connections.</summary>
    public static string Connections(IEnumerable<SessionDescription> sessions)
    {
        var text = new StringBuilder();
        foreach (SessionDescription session in sessions)
        {
            SystemText.Line(text, 0, Invariant($"Session: {session.SessionId}"));
            foreach (ConnectionDescription connection in session.Connections)
            {
                SystemText.Line(text, 1, Invariant($"Connection: {connection.ConnectionId}"));
                SystemText.Line(text, 2, $"Initiator: {session.InitiatorName}");
                SystemText.Line(text, 2, $"IP Address: {Address(connection.Peer)}");
            }
        }

        return text.ToString();
    }

    /// <summary>True when the target shows a unit at the LUN, whoever put it there; the controller counts.</summary>
    public static bool HasLun(Call call, TgtTarget target, ulong lun) => lun == 0 || target.Units.ContainsKey(lun)
        || (call.SpecOf(target) is { } spec && spec.Luns.Any(entry => (ulong)entry.Number == lun));

    /// <summary>
    /// Megabytes of 10^6 bytes, as tgt counts them: in whole blocks of 512 bytes and with hdparm's rounding.
    /// </summary>
    public static long Megabytes(long bytes)
    {
        long sectors = bytes / 512;
        return (sectors - ((sectors / 625) - 974)) / 1950;
    }

    private static void Append(StringBuilder text, Call call, TgtTarget target)
    {
        TargetSpec? spec = call.SpecOf(target);
        bool offline = target.IsForeign ? spec is { Online: false } : target.Offline;
        SystemText.Line(text, 0, Invariant($"Target {target.Id}: {target.Name}"));
        SystemText.Line(text, 1, "System information:");
        SystemText.Line(text, 2, $"Driver: {target.Driver}");
        SystemText.Line(text, 2, $"State: {(offline ? "offline" : "ready")}");
        if (target.Parameters.NopInterval > 0)
        {
            SystemText.Line(text, 2, Invariant($"Nop interval: {target.Parameters.NopInterval}"));
            SystemText.Line(text, 2, Invariant($"Nop count: {target.Parameters.NopCount}"));
        }

        SystemText.Line(text, 1, "I_T nexus information:");
        foreach (SessionDescription session in call.SessionsOf(target)) AppendSession(text, session);
        SystemText.Line(text, 1, "LUN information:");
        foreach (UnitLines unit in Units(call, target, spec)) unit.AppendTo(text);
        SystemText.Line(text, 1, "Account information:");
        foreach (string account in Accounts(target, spec)) SystemText.Line(text, 2, account);
        SystemText.Line(text, 1, "ACL information:");
        foreach (string rule in Rules(target, spec)) SystemText.Line(text, 2, rule);
    }

    private static void AppendSession(StringBuilder text, SessionDescription session)
    {
        SystemText.Line(text, 2, Invariant($"I_T nexus: {session.SessionId}"));
        SystemText.Line(text, 3, $"Initiator: {session.InitiatorName} alias: {session.InitiatorAlias ?? "none"}");
        foreach (ConnectionDescription connection in session.Connections)
        {
            SystemText.Line(text, 3, Invariant($"Connection: {connection.ConnectionId}"));
            SystemText.Line(text, 4, $"IP Address: {Address(connection.Peer)}");
        }
    }

    private static IEnumerable<string> Accounts(TgtTarget target, TargetSpec? spec)
    {
        IEnumerable<string> incoming = target.IsForeign ? spec?.Chap.Incoming.Select(account => account.User) ?? [] : target.Incoming;
        string? outgoing = target.IsForeign ? spec?.Chap.Outgoing?.User : target.Outgoing;
        return outgoing is null ? incoming : incoming.Append($"{outgoing} (outgoing)");
    }

    private static IEnumerable<string> Rules(TgtTarget target, TargetSpec? spec)
    {
        if (!target.IsForeign) return target.Addresses.Concat(target.Initiators);
        return spec?.Access.Rules.SelectMany(rule =>
            rule.Addresses.Select(address => address.Equals(AddressPattern.All) ? "ALL" : address.ToString()).Concat(rule.Initiators.Select(name => name.Text))) ?? [];
    }

    /// <summary>The controller, unless a unit has its place, the units that came over the socket, and those that were put there elsewhere.</summary>
    private static IEnumerable<UnitLines> Units(Call call, TgtTarget target, TargetSpec? spec)
    {
        List<UnitLines> units = [.. target.Units.Values.Select(unit => Describe(call, unit))];
        units.AddRange((spec?.Luns ?? []).DistinctBy(entry => entry.Number).Where(entry => !target.Units.ContainsKey((ulong)entry.Number))
            .Select(entry => DescribeForeign(call, entry)));
        if (units.TrueForAll(unit => unit.Lun != 0))
        {
            units.Add(new UnitLines(
                0, ControllerType, UnitBuilder.ScsiId(target.Id, 0), UnitBuilder.Serial(target.Id, 0), 0, 1, new UnitCondition { Online = true }, UnitBuilder.Null, None, ""));
        }

        return units.OrderBy(unit => unit.Lun);
    }

    private static UnitLines Describe(Call call, TgtUnit unit)
    {
        UnitStatus? status = call.Now.Units.FirstOrDefault(status => status.Spec.Name == unit.Unit.Name);
        StoreStatus? store = call.Now.Stores.FirstOrDefault(status => status.Spec.Name == unit.Store.Name);
        return new UnitLines(
            unit.Lun, TypeName(status?.DeviceType ?? PeripheralDeviceType.Block), status?.Identity.ScsiId ?? "", status?.Identity.Serial ?? "",
            store?.Length ?? 0, status?.Geometry?.BlockLength ?? 512, ConditionOf(status), unit.StoreType, unit.Path, unit.Flags);
    }

    private static UnitLines DescribeForeign(Call call, LunSpec entry)
    {
        UnitStatus? status = call.Now.Units.FirstOrDefault(status => status.Spec.Name == entry.Unit);
        StoreStatus? store = call.Now.Stores.FirstOrDefault(store => status is not null && status.Spec.Stores.Values.Contains(store.Spec.Name));
        string type = store?.Spec.Type.Name ?? UnitBuilder.Null;
        string cache = store?.Spec.Options.Schema.Find("cache") is null ? "" : store.Spec.Options.GetText("cache") ?? "";
        return new UnitLines(
            (ulong)entry.Number, TypeName(status?.DeviceType ?? PeripheralDeviceType.Block), status?.Identity.ScsiId ?? "", status?.Identity.Serial ?? "",
            store?.Length ?? 0, status?.Geometry?.BlockLength ?? 1, ConditionOf(status), type == "file" ? UnitBuilder.ReadWrite : type,
            (store?.Spec.Options.Schema.Find("path") is null ? null : store.Spec.Options.GetText("path")) ?? None,
            cache is UnitBuilder.Sync or UnitBuilder.Direct ? cache : "");
    }

    private static UnitCondition ConditionOf(UnitStatus? status)
    {
        UnitCondition condition = status?.Condition ?? new UnitCondition { Online = true, ReadOnly = status?.Geometry?.ReadOnly ?? false };
        return status is { Health: ObjectHealth.Online } ? condition : condition with { Online = false };
    }

    private static string TypeName(PeripheralDeviceType type) => (byte)type switch
    {
        0x00 => "disk",
        0x01 => "tape",
        0x05 => "cd/dvd",
        0x08 => "changer",
        0x0C => ControllerType,
        0x11 => "osd",
        _ => "passthrough",
    };

    /// <summary>The address of <c>address:port</c>, without the brackets of IPv6.</summary>
    private static string Address(string peer) => IPEndPoint.TryParse(peer, out IPEndPoint? endPoint) ? endPoint.Address.ToString() : peer;

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
