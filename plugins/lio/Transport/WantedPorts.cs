using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using TgtModular.Lio.Fabrics;
using TgtModular.Transports;

namespace TgtModular.Lio.Transport;

/// <summary>Reads from the engine's targets what shall be in the kernel.</summary>
internal static class WantedPorts
{
    /// <summary>Name of the nexus that all initiators of a port in demo mode share, as access rules see it: the highest name there is.</summary>
    public const string Everybody = "ff:ff:ff:ff:ff:ff:ff:ff";

    private const string KernelKeeps = "in demo mode the kernel keeps reservations for itself";

    /// <summary>LUNs beyond need another addressing method, on which initiators and LIO do not agree.</summary>
    private const int HighestLun = 255;

    /// <summary>The ports, by target.</summary>
    public static IReadOnlyList<WantedPort> Read(FabricFamily family, IEnumerable<ITransportTarget> targets) =>
        [.. targets.Select(target => Read(family, target)).OfType<WantedPort>()];

    /// <summary>The initiator of a port that names none.</summary>
    public static string InitiatorFor(FabricRow row, string port)
    {
        if (row.Nexus != NexusRule.Written) return port;
        byte[] hash = SHA256.HashData(Encoding.UTF8.GetBytes(port));
        // NAA 5h with the company identifier that LIO's own tools use; the rest tells ports apart.
        return string.Create(CultureInfo.InvariantCulture, $"naa.5001405{Convert.ToHexStringLower(hash)[..9]}");
    }

    private static WantedPort? Read(FabricFamily family, ITransportTarget target)
    {
        if (family.Find(target.Name) is not { } found) return null; // its name was checked when it was made
        (FabricRow row, string name) = found;
        if (target.Authentication.Required)
            return Refuse(target, row, name, $"the target asks for CHAP, which {row.Directory} has not: give these initiators a target without accounts");
        if (row.Nexus != NexusRule.Acls) return ReadSingle(target, row, name);
        return target.Options.Has(LioTargetOptions.DemoMode) && target.Options.GetBoolean(LioTargetOptions.DemoMode)
            ? ReadDemo(target, row, name)
            : ReadAcls(target, row, name);
    }

    /// <summary>A port that lets nobody in.</summary>
    private static WantedPort Refuse(ITransportTarget target, FabricRow row, string name, string problem) =>
        new(target, row, name, row.AclAttributes, null, [], problem);

    private static WantedPort ReadSingle(ITransportTarget target, FabricRow row, string name)
    {
        string given = row.Nexus == NexusRule.Written ? target.Options.GetText(LioTargetOptions.Initiator) ?? "" : "";
        string initiator = row.Initiators.Normalize(given) ?? InitiatorFor(row, name);
        IReadOnlyList<WantedInitiator> initiators = target.Admits(new InitiatorIdentity(initiator))
            ? [Describe(target, row, initiator, hasAcl: false, isEverybody: false)]
            : [];
        string? problem = initiators.Count == 0 ? $"its initiator {initiator} is not admitted by the target's access rules, or the target is offline" : null;
        return new WantedPort(target, row, name, row.AclAttributes, row.Nexus == NexusRule.Written ? initiator : null, initiators, problem);
    }

    private static WantedPort ReadDemo(ITransportTarget target, FabricRow row, string name)
    {
        if (row.DemoAttributes is null)
            return Refuse(target, row, name, "demo_mode: a virtual port's group cannot let everybody in; name its initiators");
        if (!target.Admits(new InitiatorIdentity(Everybody)))
            return Refuse(target, row, name, "demo_mode needs an access rule that admits everybody: access = { initiators = [\"*\"] }");
        WantedInitiator everybody = Describe(target, row, Everybody, hasAcl: false, isEverybody: true);
        return new WantedPort(target, row, name, row.DemoAttributes, null, [everybody], null);
    }

    private static WantedPort ReadAcls(ITransportTarget target, FabricRow row, string name)
    {
        List<WantedInitiator> initiators = [];
        List<string> misnamed = [];
        foreach (string written in target.NamedInitiators)
        {
            if (!target.Admits(new InitiatorIdentity(written))) continue;
            string? normalized = row.Initiators.Normalize(written);
            // Rules compare names letter by letter (but for case): only the one form can be found again in all of them.
            if (normalized is null) misnamed.Add($"'{written}' is not {row.Initiators.Description}");
            else if (!normalized.Equals(written, StringComparison.OrdinalIgnoreCase)) misnamed.Add($"'{written}' must be written {normalized}");
            else initiators.Add(Describe(target, row, normalized, hasAcl: true, isEverybody: false));
        }

        string? problem = misnamed.Count > 0 ? $"initiators of the access rules: {string.Join("; ", misnamed)}" : null;
        // A port without units may be there for its virtual ports.
        if (initiators.Count == 0 && target.GetUnits(new InitiatorIdentity(Everybody)).Count > 0)
            problem ??= "no access rule names an initiator: LIO knows initiators by their whole names, patterns alone admit nobody";
        return new WantedPort(target, row, name, row.AclAttributes, null, initiators, problem);
    }

    private static WantedInitiator Describe(ITransportTarget target, FabricRow row, string name, bool hasAcl, bool isEverybody)
    {
        List<string> problems = [];
        List<MappedUnit> units = [];
        foreach (MappedUnit unit in target.GetUnits(new InitiatorIdentity(name)))
        {
            if (!unit.Lun.TryGetNumber(out int number) || number > HighestLun)
                problems.Add($"LUN {unit.Lun}: {row.Directory} has LUNs up to {HighestLun}");
            else if (isEverybody && unit.Elsewhere is { } elsewhere)
                problems.Add($"unit {unit.Unit} is not exported: {KernelKeeps}, and the unit can be reached through {elsewhere} too");
            else
                units.Add(unit);
        }

        return new WantedInitiator(
            name, row.Initiators.Identify(name), hasAcl, isEverybody, units, problems.Count > 0 ? string.Join("; ", problems) : null);
    }
}
