using System.Globalization;
using TgtModular.Tgt.Protocol;
using TgtModular.Tgt.Tools.TargetsConf;

namespace TgtModular.Tgt.Tools.Admin;

/// <summary>Makes targets of a configuration.</summary>
/// <param name="configuration">The configuration.</param>
/// <param name="session">The daemon.</param>
/// <param name="force">Whether files in use are used as well.</param>
internal sealed class TargetBuilder(TargetsConfiguration configuration, AdminSession session, bool force)
{
    /// <summary>The caching page without write cache (SBC-3 6.5.5, WCE 0), as tgt's tool sets it.</summary>
    private const string NoWriteCachePage = "mode_page=8:0:18:0x10:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0";

    private const string FallbackDriver = "iscsi";
    private readonly HashSet<string> _accounts = new(StringComparer.Ordinal);
    private FilesInUse? _inUse;
    private int _lastTargetId;

    /// <summary>Files that are open; looked for when first asked.</summary>
    public FilesInUse InUse => _inUse ??= FilesInUse.Look();

    /// <summary>Learns what the daemon has.</summary>
    public void Prepare(IEnumerable<ShownTarget> existing)
    {
        foreach (ShownTarget target in existing) _lastTargetId = Math.Max(_lastTargetId, target.Id);
        _accounts.UnionWith(TargetListing.Accounts(session.Query("--op", "show", "--mode", "account")));
    }

    /// <summary>What the file says for the daemon as a whole.</summary>
    public void BuildGlobals()
    {
        foreach (ConfigSetting setting in configuration.NameService.Where(setting => setting.Name != ConfigKeys.NameServiceSwitch)) SetSystem(setting);
        BuildDiscovery(configuration.IncomingDiscovery, outgoing: false);
        BuildDiscovery(configuration.OutgoingDiscovery, outgoing: true);
        foreach (ConfigSetting setting in configuration.NameService.Where(setting => setting.Name == ConfigKeys.NameServiceSwitch)) SetSystem(setting);
    }

    /// <summary>Makes a target.</summary>
    /// <param name="target">What is asked for.</param>
    /// <param name="existingId">Number of the target whose place it takes.</param>
    public void Build(TargetEntry target, int? existingId = null)
    {
        session.Note($"Adding target: {target.Name}");
        int id = existingId ?? target.TargetId ?? NextTargetId();
        _lastTargetId = Math.Max(_lastTargetId, id);
        string driver = target.Driver ?? configuration.DefaultDriver ?? FallbackDriver;
        TargetCommands commands = new(session, driver, id);

        // Without the target nothing else can be; the rest would only repeat the error.
        if (!commands.Do(target.Place, "--op", "new", "--mode", "target", "--tid", commands.Id, "-T", target.Name)) return;
        foreach (ConfigSetting parameter in target.Parameters) SetTarget(commands, parameter);
        BuildStores(target, commands);
        foreach (ConfigAccount account in target.IncomingAccounts) BindAccount(commands, account, outgoing: false);
        if (target.OutgoingAccount is { } own) BindAccount(commands, own, outgoing: true);
        Admit(target, commands);
        if (target.State is { } state) SetTarget(commands, state);
    }

    private static string Number(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    private static void SetTarget(TargetCommands commands, ConfigSetting setting) =>
        _ = commands.Do(setting.Place, "--mode", "target", "--op", "update", "--tid", commands.Id, "--name", setting.Name, "--value", setting.Value);

    private static void Admit(TargetEntry target, TargetCommands commands)
    {
        foreach (ConfigSetting address in target.InitiatorAddresses)
            _ = commands.Do(address.Place, "--op", "bind", "--mode", "target", "--tid", commands.Id, "-I", address.Value);
        foreach (ConfigSetting name in target.InitiatorNames)
            _ = commands.Do(name.Place, "--op", "bind", "--mode", "target", "--tid", commands.Id, "-Q", name.Value);
        if (target.InitiatorAddresses.Count == 0) _ = commands.Do(target.Place, "--op", "bind", "--mode", "target", "--tid", commands.Id, "-I", "ALL");
    }

    private void SetSystem(ConfigSetting setting) =>
        _ = session.Do(setting.Place, "--op", "update", "--mode", "sys", "--name", setting.Name, "-v", setting.Value);

    private void BuildDiscovery(ConfigAccount? account, bool outgoing)
    {
        if (account == null) return;

        // The daemon does not show whom discovery is bound to: an account that was there before may be bound already.
        ManagementError bound = outgoing ? ManagementError.OutgoingAccountExists : ManagementError.AccountExists;
        ManagementError already = _accounts.Contains(account.User) ? bound : ManagementError.None;
        MakeAccount(account, []);
        string[] words = ["--mode", "account", "--op", "bind", $"--user={account.User}"];
        _ = session.Do(account.Place, already, outgoing ? [.. words, "--outgoing"] : words);
    }

    private void BindAccount(TargetCommands commands, ConfigAccount account, bool outgoing)
    {
        MakeAccount(account, ["--lld", commands.Driver]);
        string[] words = ["--mode", "account", "--op", "bind", $"--tid={commands.Id}", $"--user={account.User}"];
        _ = commands.Do(account.Place, outgoing ? [.. words, "--outgoing"] : words);
    }

    private void MakeAccount(ConfigAccount account, string[] driver)
    {
        if (!_accounts.Add(account.User)) return;
        _ = session.Do(account.Place, [.. driver, "--mode", "account", "--op", "new", $"--user={account.User}", $"--password={account.Password}"]);
    }

    /// <summary>One more than the largest, passing over what the file gives to others.</summary>
    private int NextTargetId()
    {
        int id = _lastTargetId + 1;
        while (configuration.Targets.Values.Any(target => target.TargetId == id)) id++;
        return id;
    }

    private void BuildStores(TargetEntry target, TargetCommands commands)
    {
        HashSet<ulong> taken = [.. target.Stores.Where(store => store.Lun != null).Select(store => store.Lun!.Value)];
        ulong next = 1;
        foreach (StoreEntry store in target.Stores)
        {
            if (!MayUse(store)) continue;
            while (store.Lun == null && taken.Contains(next)) next++;
            ulong lun = store.Lun ?? next++;
            if (BuildStore(store, commands, lun) && NeedsFile(store)) InUse.Add(store.Path);
        }
    }

    private static bool BuildStore(StoreEntry store, TargetCommands commands, ulong lun)
    {
        List<string> words = ["--op", "new", "--mode", "logicalunit", "--tid", commands.Id, "--lun", Number(lun)];
        Add(words, "-b", store.HasNoStore ? null : NeedsFile(store) ? Path.GetFullPath(store.Path) : store.Path);
        Add(words, "--device-type", store.DeviceType);
        Add(words, "--bstype", store.StoreType);
        Add(words, "--bsopts", store.StoreOptions);
        Add(words, "--bsoflags", store.StoreFlags);
        Add(words, "--blocksize", store.BlockSize);
        if (!commands.Do(store.Place, [.. words])) return false;
        if (store.WriteCache == false) SetUnit(commands, lun, store.Place, NoWriteCachePage);
        foreach (ConfigSetting identity in store.IsDirect ? DeviceIdentity.Of(store) : [])
            SetUnit(commands, lun, identity.Place, $"{identity.Name}={identity.Value}");
        foreach (ConfigSetting parameter in store.Parameters)
        {
            bool isText = parameter.Name == ConfigKeys.Parameters;
            string text = isText ? parameter.Value : $"{parameter.Name}={parameter.Value}";
            SetUnit(commands, lun, parameter.Place, Resolve(text, commands.Id, lun));
        }

        return true;
    }

    private static string Resolve(string text, string targetId, ulong lun) =>
        text.Replace("${tid}", targetId, StringComparison.Ordinal).Replace("${lun}", Number(lun), StringComparison.Ordinal);

    private static void SetUnit(TargetCommands commands, ulong lun, ConfigPlace place, string parameters) =>
        _ = commands.Do(place, "--op", "update", "--mode", "logicalunit", "--tid", commands.Id, $"--lun={Number(lun)}", "--params", parameters);

    private static void Add(List<string> words, string option, string? value)
    {
        if (value == null) return;
        words.Add(option);
        words.Add(value);
    }

    /// <summary>Whether the path is one of this machine's files: images of clusters and missing media are not.</summary>
    private static bool NeedsFile(StoreEntry store) =>
        !store.HasNoStore && store.StoreType is not ("rbd" or "glfs" or "openvstorage" or "sheepdog" or "null");

    private bool MayUse(StoreEntry store)
    {
        if (!NeedsFile(store)) return true;
        if (!Path.Exists(store.Path) || Directory.Exists(store.Path))
        {
            session.Warn($"{store.Place}: {store.Path} is {(Directory.Exists(store.Path) ? "a directory" : "not there")}: this logical unit is left out");
            return false;
        }

        if (force || store.AllowInUse || !InUse.Contains(store.Path)) return true;
        session.Warn($"{store.Place}: {store.Path} is in use: this logical unit is left out (--force or 'allow-in-use yes' take it all the same; two that write lose data)");
        return false;
    }

    /// <summary>What all commands for one target share.</summary>
    private sealed class TargetCommands(AdminSession session, string driver, int id)
    {
        public string Driver => driver;

        public string Id { get; } = id.ToString(CultureInfo.InvariantCulture);

        public bool Do(ConfigPlace place, params string[] words) => session.Do(place, ["--lld", driver, .. words]);
    }
}
