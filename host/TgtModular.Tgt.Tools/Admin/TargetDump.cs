using System.Globalization;
using TgtModular.Tgt.Tools.TargetsConf;

namespace TgtModular.Tgt.Tools.Admin;

/// <summary>Writes the daemon's targets as a targets.conf that this tool and tgt's read alike.</summary>
/// <param name="output">Where to.</param>
internal sealed class TargetDump(TextWriter output)
{
    private const string Password = "PLEASE_CORRECT_THE_PASSWORD";
    private const string ControllerType = "controller";
    private const string NoPath = "None";

    public void Write(IReadOnlyList<ShownTarget> targets)
    {
        if (targets.Count == 0) return;
        string[] drivers = [.. targets.Select(target => target.Driver).Distinct()];
        output.WriteLine($"default-driver {drivers[0]}\n");
        foreach (ShownTarget target in targets.OrderBy(target => target.Id)) Write(target, target.Driver == drivers[0] ? null : target.Driver);
    }

    private void Write(ShownTarget target, string? driver)
    {
        output.WriteLine($"<target {target.Name}>");
        if (driver != null) Option("driver", driver);
        ShownUnit[] units = [.. target.Units.Where(unit => unit["Type"] != ControllerType)];

        // tgt's tool cannot read one kind of store beside the other.
        if (IsPlain(target, units)) Array.ForEach(units, unit => Option(ConfigKeys.BackingStore, unit["Backing store path"]));
        else Array.ForEach(units, unit => WriteBlock(target, unit));
        foreach (string user in target.IncomingAccounts) Option("incominguser", $"{user} {Password}");
        foreach (string user in target.OutgoingAccounts) Option("outgoinguser", $"{user} {Password}");
        WriteAccess(target);
        output.WriteLine("</target>\n");
    }

    private void WriteAccess(ShownTarget target)
    {
        string[] addresses = [.. target.AccessRules.Where(TargetRemover.IsAddress)];
        if (addresses.Length == 0)
        {
            // Read again, no address at all would admit everybody.
            output.WriteLine("\t# no address may use this target; no initiator has this one");
            Option("initiator-address", "0.0.0.0");
        }
        else if (target.AccessRules is not ["ALL"])
        {
            foreach (string address in addresses) Option("initiator-address", address);
        }

        foreach (string name in target.AccessRules.Where(rule => !TargetRemover.IsAddress(rule))) Option("initiator-name", name);
    }

    private static bool IsPlain(ShownTarget target, ShownUnit[] units)
    {
        for (int index = 0; index < units.Length; index++)
        {
            if (units[index].Lun != (ulong)index + 1 || Extras(target, units[index]).Count > 0) return false;
        }

        return true;
    }

    private void WriteBlock(ShownTarget target, ShownUnit unit)
    {
        string path = unit["Backing store path"];
        if (path == NoPath) path = $"NONE:{unit.Lun.ToString(CultureInfo.InvariantCulture)}";
        if (path.AsSpan().IndexOfAny("\\#\n") >= 0) output.WriteLine("\t# the name of this store cannot stand in a block; it is not written");
        else
        {
            output.WriteLine($"\t<{ConfigKeys.BackingStore} {path}>");
            Option("\tlun", unit.Lun.ToString(CultureInfo.InvariantCulture));
            foreach ((string name, string value) in Extras(target, unit)) Option("\t" + name, value);
            output.WriteLine($"\t</{ConfigKeys.BackingStore}>");
        }
    }

    /// <summary>What the daemon shows of a unit and would not be so by itself.</summary>
    private static List<(string Name, string Value)> Extras(ShownTarget target, ShownUnit unit)
    {
        List<(string Name, string Value)> extras = [];
        string type = unit["Type"] switch { "cd/dvd" => "cd", "passthrough" => "pt", string other => other };
        string defaultStore = type switch { "tape" => "ssc", "cd" => "mmc", "changer" => "smc", "pt" => "sg", _ => "rdwr" };
        bool defaultRemovable = type is "tape" or "cd" or "changer";
        Add("device-type", type, "disk");
        Add("bs-type", unit["Backing store type"], defaultStore);
        Add("bsoflags", unit["Backing store flags"].Replace(' ', ':'), "");
        string size = unit["Size"];
        string blockSize = size[(size.LastIndexOf(' ') + 1)..];
        if (type == "disk") Add("block-size", blockSize, "512");
        Add("scsi_id", unit["SCSI ID"], string.Create(CultureInfo.InvariantCulture, $"IET     {target.Id:x4}{unit.Lun:x4}"));
        Add("scsi_sn", unit["SCSI SN"], string.Create(CultureInfo.InvariantCulture, $"beaf{target.Id}{unit.Lun}"));
        Add("removable", Flag(unit["Removable media"]), defaultRemovable ? "1" : "0");
        Add("readonly", Flag(unit["Readonly"]), "0");
        if (Flag(unit["Thin-provisioning"]) == "1") extras.Add((ConfigKeys.Parameters, "thin_provisioning=1"));
        if (unit["Backing store path"] != NoPath) Add("online", Flag(unit["Online"]), "1");
        return extras;

        void Add(string name, string value, string usual)
        {
            if (value.Length > 0 && value != usual) extras.Add((name, value));
        }
    }

    private static string Flag(string word) => word switch { "Yes" => "1", "No" => "0", _ => "" };

    private void Option(string name, string value)
    {
        if (ConfigLine.Quote(value) is { } quoted) output.WriteLine($"\t{name} {quoted}");
    }
}
