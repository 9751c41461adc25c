using System.Globalization;
using TgtModular.Core.Configuration;
using TgtModular.Plugins;

namespace TgtModular.Core.Control;

/// <summary>Objects of the configuration on one line, for plans and logs; never a secret.</summary>
public static class SpecText
{
    /// <summary>Options that were given, as <c>name=value</c>.</summary>
    public static string Describe(OptionValues options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return string.Join(' ',
            options.Given.Keys.Order(StringComparer.Ordinal).Select(name => $"{name}={Value(options.Schema.Find(name)!, options.Given[name])}"));
    }

    /// <summary>An option's value as text.</summary>
    public static string Value(OptionDefinition definition, object value)
    {
        ArgumentNullException.ThrowIfNull(definition);
        if (definition.Secret) return "(secret)";
        return value switch
        {
            long bytes when definition.Type == OptionType.Size => Quantity.FormatSize(bytes),
            TimeSpan duration => Quantity.FormatDuration(duration),
            bool truth => truth ? "true" : "false",
            IReadOnlyList<string> texts => string.Join(',', texts),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "",
        };
    }

    /// <summary>A store.</summary>
    public static string Describe(StoreSpec store)
    {
        ArgumentNullException.ThrowIfNull(store);
        string over = store.Lower.Count == 0 ? "" : $"over {string.Join(", ", store.Lower)}";
        return Joined(store.Type.ToString(), over, store.Shared ? "shared" : "", Describe(store.Options));
    }

    /// <summary>A unit.</summary>
    public static string Describe(UnitSpec unit)
    {
        ArgumentNullException.ThrowIfNull(unit);
        string stores = string.Join(' ', unit.Stores.Select(entry => $"{entry.Key}={entry.Value}"));
        (string Name, string? Value)[] identity =
            [("vendor", unit.Vendor), ("product", unit.Product), ("revision", unit.Revision), ("serial", unit.Serial), ("scsi_id", unit.ScsiId),
                ("naa", unit.Naa?.ToString("x32", CultureInfo.InvariantCulture))];
        return Joined(unit.Device.ToString(), stores,
            string.Join(' ', identity.Where(item => item.Value is not null).Select(item => $"{item.Name}={item.Value}")), Describe(unit.Options));
    }

    /// <summary>A target.</summary>
    public static string Describe(TargetSpec target)
    {
        ArgumentNullException.ThrowIfNull(target);
        return Joined(
            ", ",
            [
                .. target.Transports.Select(Describe), $"admits {target.Access}", Describe(target.Chap), target.Luns.Count == 0 ? "no LUNs"
                    : string.Join(", ", target.Luns.Select(Describe)),
                target.Online ? "" : "offline",
            ]);
    }

    /// <summary>A transport.</summary>
    public static string Describe(TransportSpec transport)
    {
        ArgumentNullException.ThrowIfNull(transport);
        return Joined(transport.Plugin.ToString(), Describe(transport.Options), transport.DiscoveryChap == ChapSpec.None ? ""
            : $"discovery {Describe(transport.DiscoveryChap)}");
    }

    /// <summary>A LUN map entry.</summary>
    public static string Describe(LunSpec lun)
    {
        ArgumentNullException.ThrowIfNull(lun);
        return $"LUN {lun.Number} is unit {lun.Unit}{(lun.Initiators.Count == 0 ? "" : $" for {string.Join(", ", lun.Initiators)}")}";
    }

    /// <summary>A change of a target.</summary>
    public static string Describe(TargetChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return Joined(
            ", ",
            [
                .. change.RemoveLuns.Select(lun => $"no longer {Describe(lun)}"),
                .. change.AddLuns.Select(Describe),
                .. change.RemoveTransports.Select(transport => $"no longer in transport {transport}"),
                .. change.SetTransports.Select(Describe),
                change.Access is null ? "" : $"admits {change.Access}",
                change.Chap is null ? "" : change.Chap == ChapSpec.None ? "no CHAP" : Describe(change.Chap),
                change.Online switch { true => "online", false => "offline", null => "" },
            ]);
    }

    /// <summary>How many sessions an operation ends; nothing for none.</summary>
    internal static string ClosesSessions(int sessions) => sessions == 0 ? "" : $"closes {sessions} session{(sessions == 1 ? "" : "s")}";

    private static string Describe(TargetTransportSpec transport)
    {
        string options = string.Join(' ', transport.Options.Given.Keys.Where(name => name != "name").Order(StringComparer.Ordinal)
            .Select(name => $"{name}={Value(transport.Options.Schema.Find(name)!, transport.Options.Given[name])}"));
        return Joined($"in {transport.Transport} as {transport.TargetName}", options);
    }

    private static string Describe(ChapSpec chap)
    {
        if (chap == ChapSpec.None) return "";
        string outgoing = chap.Outgoing is null ? "" : $" and as {chap.Outgoing.User} towards them";
        return $"CHAP for {string.Join(", ", chap.Incoming.Select(account => account.User))}{outgoing}";
    }

    private static string Joined(params IEnumerable<string> parts) => Joined(" ", parts);

    private static string Joined(string separator, IEnumerable<string> parts) => string.Join(separator, parts.Where(part => part.Length > 0));
}
