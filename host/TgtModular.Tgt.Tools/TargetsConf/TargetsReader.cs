using System.Globalization;

namespace TgtModular.Tgt.Tools.TargetsConf;

/// <summary>Gives the layout of targets.conf its meaning. Every error is found before anything is done.</summary>
/// <param name="findings">Takes what is wrong.</param>
internal sealed class TargetsReader(ConfigFindings findings)
{
    private readonly TargetsConfiguration _configuration = new();
    private readonly Dictionary<string, ConfigPlace> _globals = [];
    private readonly Dictionary<string, List<ConfigNode>> _targets = new(StringComparer.Ordinal);

    /// <summary>Reads a file and all that it includes.</summary>
    public static TargetsConfiguration Read(string path, ConfigFindings findings, ConfigLimits? limits = null) =>
        new TargetsReader(findings).Read(new ConfigReader(findings, limits ?? ConfigLimits.Default).Read(path));

    private TargetsConfiguration Read(List<ConfigNode> nodes)
    {
        foreach (ConfigNode node in nodes)
        {
            if (node.Name == ConfigKeys.Target) CollectTarget(node);
            else if (node.IsBlock) findings.Warn(node.Place, ConfigKeys.Unknown(node.Name, ConfigKeys.Global));
            else TakeGlobal(node);
        }

        foreach ((string name, List<ConfigNode> blocks) in _targets) ReadTarget(name, blocks);
        CheckTargetIds();
        CheckPasswords();
        return _configuration;
    }

    private void CollectTarget(ConfigNode node)
    {
        if (!node.IsBlock || node.Value.Length == 0)
        {
            findings.Error(node.Place, "a target begins with <target NAME> and ends with </target>");
            return;
        }

        // Blocks of one name are one target: an included file may add to it.
        if (!_targets.TryGetValue(node.Value, out List<ConfigNode>? blocks)) _targets.Add(node.Value, blocks = []);
        blocks.Add(node);
    }

    private void TakeGlobal(ConfigNode node)
    {
        if (!ConfigKeys.Global.Contains(node.Name))
        {
            findings.Warn(node.Place, ConfigKeys.Unknown(node.Name, ConfigKeys.Global));
            return;
        }

        if (!HasValue(node)) return;
        if (!_globals.TryAdd(node.Name, node.Place))
        {
            findings.Error(node.Place, $"{node.Name} is given twice, first at {_globals[node.Name]}");
            return;
        }

        switch (node.Name)
        {
            case "default-driver":
                _configuration.DefaultDriver = node.Value;
                break;
            case "ignore-errors":
                _configuration.IgnoreErrors = node.Value == "yes";
                break;
            case "control-port":
                _configuration.ControlPort = new ConfigSetting(node.Name, node.Value, node.Place);
                break;
            case "incomingdiscoveryuser":
                _configuration.IncomingDiscovery = ReadAccount(node);
                break;
            case "outgoingdiscoveryuser":
                _configuration.OutgoingDiscovery = ReadAccount(node);
                break;
            case ConfigKeys.NameServiceSwitch:
                _configuration.NameService.Add(new ConfigSetting(node.Name, node.Value, node.Place));
                break;
            default:
                _configuration.NameService.Insert(0, new ConfigSetting(node.Name, node.Value, node.Place));
                break;
        }
    }

    private void ReadTarget(string name, List<ConfigNode> blocks)
    {
        TargetEntry target = new(name, blocks[0].Place);
        _configuration.Targets.Add(name, target);
        StoreReader stores = new(findings);
        List<ConfigNode> storeNodes = [];
        foreach (ConfigNode node in blocks.SelectMany(block => block.Children!))
        {
            if (node.Name is ConfigKeys.BackingStore or ConfigKeys.DirectStore) storeNodes.Add(node);
            else if (node.IsBlock) findings.Error(node.Place, $"<{node.Name}> does not belong into <target>");
            else if (!stores.TakeCommon(node)) TakeTargetOption(target, node);
        }

        stores.Read(storeNodes, target);
    }

    private void TakeTargetOption(TargetEntry target, ConfigNode node)
    {
        bool isParameter = ConfigKeys.TargetParameters.Contains(node.Name);
        if (!isParameter && !ConfigKeys.TargetOptions.Contains(node.Name))
        {
            findings.Warn(node.Place, ConfigKeys.Unknown(
                node.Name, ConfigKeys.TargetOptions, ConfigKeys.TargetParameters, ConfigKeys.StoreOptions, ConfigKeys.StoreParameters));
            return;
        }

        if (!HasValue(node)) return;
        ConfigSetting setting = new(node.Name, node.Value, node.Place);
        if (isParameter)
        {
            if (target.Parameters.Find(other => other.Name == node.Name) is { } first)
                findings.Warn(node.Place, $"{node.Name} counts once; the value of line {first.Place.Line} is used");
            else
                target.Parameters.Add(setting);
            return;
        }

        switch (node.Name)
        {
            case "initiator-address":
                target.InitiatorAddresses.Add(setting);
                break;
            case "initiator-name":
                target.InitiatorNames.Add(setting);
                break;
            case "incominguser":
                if (ReadAccount(node) is { } account) target.IncomingAccounts.Add(account);
                break;
            case "outgoinguser":
                if (target.OutgoingAccount is { } other) findings.Warn(node.Place, $"outgoinguser counts once; that of line {other.Place.Line} is used");
                else target.OutgoingAccount = ReadAccount(node);
                break;
            case "driver":
                if (target.Driver != null) findings.Error(node.Place, "driver is given twice");
                target.Driver = node.Value;
                break;
            case "state":
                target.State = setting;
                break;
            default:
                TakeTargetId(target, node);
                break;
        }
    }

    private void TakeTargetId(TargetEntry target, ConfigNode node)
    {
        if (target.TargetId != null) findings.Error(node.Place, "controller_tid is given twice");
        if (int.TryParse(node.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int id) && id > 0)
        {
            target.TargetId = id;
            target.TargetIdPlace = node.Place;
        }
        else
        {
            findings.Error(node.Place, $"controller_tid is a number from 1 on, not '{node.Value}'");
        }
    }

    private ConfigAccount? ReadAccount(ConfigNode node)
    {
        List<string> words = ConfigLine.Words(node.Value);
        if (words.Count < 2)
        {
            findings.Error(node.Place, $"{node.Name} needs a user and a password");
            return null;
        }

        if (words.Count > 2) findings.Warn(node.Place, $"{node.Name} is a user and a password; what follows is passed over");
        return new ConfigAccount(words[0], words[1], node.Place);
    }

    private bool HasValue(ConfigNode node)
    {
        if (node.Value.Length > 0) return true;
        findings.Error(node.Place, $"{node.Name} needs a value");
        return false;
    }

    private void CheckTargetIds()
    {
        Dictionary<int, TargetEntry> seen = [];
        foreach (TargetEntry target in _configuration.Targets.Values)
        {
            if (target.TargetId is { } id && !seen.TryAdd(id, target))
                findings.Error(target.TargetIdPlace, $"controller_tid {id} is that of {seen[id].Name} already ({seen[id].TargetIdPlace})");
        }
    }

    /// <summary>The daemon knows accounts by their names alone, whatever target they are for.</summary>
    private void CheckPasswords()
    {
        Dictionary<string, ConfigAccount> seen = [];
        foreach (ConfigAccount account in Accounts())
        {
            if (!seen.TryAdd(account.User, account) && seen[account.User].Password != account.Password)
                findings.Warn(account.Place, $"user {account.User} has another password at {seen[account.User].Place}; the first one is used everywhere");
        }
    }

    private IEnumerable<ConfigAccount> Accounts()
    {
        if (_configuration.IncomingDiscovery is { } incoming) yield return incoming;
        if (_configuration.OutgoingDiscovery is { } outgoing) yield return outgoing;
        foreach (TargetEntry target in _configuration.Targets.Values)
        {
            foreach (ConfigAccount account in target.IncomingAccounts) yield return account;
            if (target.OutgoingAccount is { } own) yield return own;
        }
    }
}
