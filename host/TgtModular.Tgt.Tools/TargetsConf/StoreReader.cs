using System.Globalization;

namespace TgtModular.Tgt.Tools.TargetsConf;

/// <summary>Makes the logical units of one target: what stands at the target counts for all of them, what stands in a store's own block before that.</summary>
/// <param name="findings">Takes what is wrong.</param>
internal sealed class StoreReader(ConfigFindings findings)
{
    private readonly List<ConfigNode> _common = [];

    /// <summary>Takes an option that stands at the target, if it is one of stores.</summary>
    public bool TakeCommon(ConfigNode node)
    {
        if (!IsStoreKey(node.Name)) return false;
        if (node.Name == ConfigKeys.BlockSize)
        {
            findings.Warn(node.Place, "block-size counts only inside <backing-store PATH>: tgt never heeded it here, and disks in use would change their geometry");
            return true;
        }

        _common.Add(node);
        return true;
    }

    /// <summary>Makes the units of a target.</summary>
    public void Read(IEnumerable<ConfigNode> stores, TargetEntry target)
    {
        CheckRepeated(_common);
        HashSet<string> paths = new(StringComparer.Ordinal);
        List<StoreEntry> direct = [];
        foreach (ConfigNode node in stores)
        {
            if (node.Value.Length == 0)
            {
                findings.Error(node.Place, $"{node.Name} needs a path");
                continue;
            }

            StoreEntry store = ReadStore(node);

            // tgt keeps stores by their path: the same one twice is one unit.
            if (!paths.Add($"{store.IsDirect} {store.Path}"))
            {
                if (node.IsBlock) findings.Error(node.Place, $"{store.Path} is a store of this target already");
                else findings.Warn(node.Place, $"{store.Path} is a store of this target already and counts once");
                continue;
            }

            (store.IsDirect ? direct : target.Stores).Add(store);
        }

        target.Stores.AddRange(direct);
        CheckNumbers(target);
    }

    private static bool IsStoreKey(string name) => ConfigKeys.StoreParameters.Contains(name) || ConfigKeys.StoreOptions.Contains(name);

    private StoreEntry ReadStore(ConfigNode node)
    {
        StoreEntry store = new(node.Value, node.Name == ConfigKeys.DirectStore, node.Place);
        List<ConfigNode> own = node.Children ?? [];
        CheckRepeated(own);
        HashSet<string> ownNames = [.. own.Select(child => child.Name)];
        foreach (ConfigNode common in _common)
        {
            if (!ownNames.Contains(common.Name)) Take(store, common);
        }

        foreach (ConfigNode child in own)
        {
            if (child.IsBlock) findings.Error(child.Place, $"<{child.Name}> does not belong into <{node.Name}>");
            else if (!IsStoreKey(child.Name)) findings.Warn(child.Place, ConfigKeys.Unknown(child.Name, ConfigKeys.StoreParameters, ConfigKeys.StoreOptions));
            else Take(store, child);
        }

        return store;
    }

    private void CheckRepeated(List<ConfigNode> nodes)
    {
        Dictionary<string, ConfigPlace> seen = [];
        foreach (ConfigNode node in nodes)
        {
            if (!ConfigKeys.MayRepeat(node.Name) && !seen.TryAdd(node.Name, node.Place) && IsStoreKey(node.Name))
                findings.Error(node.Place, $"{node.Name} is given twice, first in line {seen[node.Name].Line}");
        }
    }

    private void Take(StoreEntry store, ConfigNode node)
    {
        if (node.Value.Length == 0)
        {
            findings.Error(node.Place, $"{node.Name} needs a value");
            return;
        }

        switch (node.Name)
        {
            case "lun":
                TakeLun(store, node);
                break;
            case "device-type":
                store.DeviceType = node.Value;
                break;
            case "bs-type":
                store.StoreType = node.Value;
                break;
            case "bsopts":
                store.StoreOptions = node.Value;
                break;
            case "bsoflags":
                store.StoreFlags = node.Value;
                break;
            case ConfigKeys.BlockSize:
                store.BlockSize = node.Value;
                break;
            case "write-cache":
                TakeWriteCache(store, node);
                break;
            case ConfigKeys.AllowInUse:
                store.AllowInUse = node.Value == "yes";
                break;
            default:
                store.Parameters.Add(new ConfigSetting(node.Name, node.Value, node.Place));
                break;
        }
    }

    private void TakeLun(StoreEntry store, ConfigNode node)
    {
        const ulong largest = 16383;
        if (!ulong.TryParse(node.Value, NumberStyles.None, CultureInfo.InvariantCulture, out ulong lun) || lun > largest)
            findings.Error(node.Place, $"lun is a number from 1 to {largest}, not '{node.Value}'");
        else if (lun == 0)
            findings.Error(node.Place, "lun 0 is the target's controller; logical units begin at 1");
        else
            store.Lun = lun;
    }

    private void TakeWriteCache(StoreEntry store, ConfigNode node)
    {
        if (node.Value.Equals("on", StringComparison.OrdinalIgnoreCase)) store.WriteCache = true;
        else if (node.Value.Equals("off", StringComparison.OrdinalIgnoreCase)) store.WriteCache = false;
        else findings.Error(node.Place, $"write-cache is on or off, not '{node.Value}'");
    }

    private void CheckNumbers(TargetEntry target)
    {
        Dictionary<ulong, StoreEntry> seen = [];
        foreach (StoreEntry store in target.Stores)
        {
            if (store.Lun is { } lun && !seen.TryAdd(lun, store))
                findings.Error(store.Place, $"lun {lun} of this target is {seen[lun].Path} already (line {seen[lun].Place.Line})");
        }
    }
}
