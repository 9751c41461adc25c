using System.Globalization;
using TgtModular.Lio.Configfs;

namespace TgtModular.Lio.Tests.Configfs;

/// <summary>A backend as target_core_user keeps it.</summary>
internal sealed class FakeBackend(string uioPrefix)
{
    public bool IsConfigured { get; set; }

    public int Exports { get; set; }

    public Dictionary<string, string> Parameters { get; } = [];

    public bool KernelReservations { get; set; } = true;

    public string UioName => $"{uioPrefix}/{Parameters.GetValueOrDefault("dev_config")}";
}

/// <summary><c>core/</c>: target_core_configfs.c, target_core_device.c and target_core_user.c of Linux 6.1.</summary>
internal sealed class FakeBackends(FakeConfigfs tree)
{
    private const int LongestHbaName = 64; // TARGET_CORE_NAME_MAX_LEN

    /// <summary>False: target_core_user is not loaded.</summary>
    public bool IsLoaded { get; set; } = true;

    /// <summary>pgr_support and alua_support can be written (Linux 5.8).</summary>
    public bool CanPassThrough { get; set; } = true;

    /// <summary>There is emulate_pr (Linux 5.0).</summary>
    public bool HasEmulatePr { get; set; } = true;

    /// <summary>Somebody listens to the netlink family.</summary>
    public bool HasListener { get; set; } = true;

    /// <summary>Backends made so far.</summary>
    public int Made { get; private set; }

    /// <summary>target_core_call_addhbatotarget: PLUGIN_NUMBER, and core_alloc_hba finds the plugin.</summary>
    public void MakeHba(FakeNode hba)
    {
        if (hba.Name.Length >= LongestHbaName) throw new Refusal((Errno)36); // ENAMETOOLONG
        string[] parts = hba.Name.Split('_');
        if (parts.Length < 2 || !uint.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out uint number)) throw new Refusal(Errno.Invalid);
        if (parts[0] != "user" || !IsLoaded) throw new Refusal(Errno.Invalid);
        hba.Attributes["hba_info"] = new FakeAttribute { Value = $"HBA Index: 0 plugin: user host: {number}" };
        hba.Make = device => MakeDevice(device, number);
    }

    /// <summary>target_core_make_subdev with tcmu_alloc_device.</summary>
    private void MakeDevice(FakeNode node, uint hba)
    {
        FakeBackend backend = new($"tcm-user/{hba}/{node.Name}");
        node.State = backend;
        Made++;
        node.Attributes["control"] = new FakeAttribute { Store = text => Control(backend, text) };
        node.Attributes["enable"] = new FakeAttribute { Show = () => backend.IsConfigured ? "1" : "0", Store = text => Enable(backend, text) };
        FakeNode attributes = node.AddDefault("attrib");
        // tcmu_cmd_time_out_store: not while exports exist
        attributes.Attributes["cmd_time_out"] = FakeAttribute.Plain("30", text =>
        {
            if (backend.Exports > 0 || !uint.TryParse(text, out _)) throw new Refusal(Errno.Invalid);
        });
        attributes.Attributes["tmr_notification"] = FakeAttribute.Plain("0", text => Require(text is "0" or "1")); // tcmu_tmr_notification_store
        attributes.Attributes["dev_size"] = DeviceSize(backend);
        AddReservations(backend, attributes);
        FakeNode action = node.AddDefault("action");
        action.Attributes["reset_ring"] = new FakeAttribute { Store = text => Require(backend.IsConfigured && text is "1" or "2") }; // tcmu_reset_ring_store
        foreach (string group in (string[])["pr", "wwn", "alua", "statistics"]) _ = node.AddDefault(group);
        node.Drop = () => tree.Served.Remove(backend.UioName);
    }

    private void AddReservations(FakeBackend backend, FakeNode attributes)
    {
        if (HasEmulatePr) attributes.Attributes["emulate_pr"] = FakeAttribute.Plain("1", text => Require(text is "0" or "1"));
        foreach (string name in (string[])["alua_support", "pgr_support"])
        {
            attributes.Attributes[name] = CanPassThrough
                ? FakeAttribute.Plain("1", text =>
                {
                    Require(text is "0" or "1");
                    if (name == "pgr_support") backend.KernelReservations = text == "1";
                })
                : new FakeAttribute { Value = "1" };
        }
    }

    /// <summary>tcmu_dev_size_store: on a configured device a message goes out, which fails with ESRCH where nobody listens (tcmu_netlink_event_send).</summary>
    private FakeAttribute DeviceSize(FakeBackend backend) => new()
    {
        Show = () => backend.Parameters.GetValueOrDefault("dev_size", "0"),
        Store = text =>
        {
            Require(ulong.TryParse(text, out _));
            if (backend.IsConfigured && !HasListener) throw new Refusal(Errno.NoListener);
            backend.Parameters["dev_size"] = text;
        },
    };

    /// <summary>tcmu_set_configfs_dev_params: unknown keys are passed over, some numbers must be positive, the data area is fixed once enabled.</summary>
    private static void Control(FakeBackend backend, string text)
    {
        foreach (string option in text.Split(',', '\n'))
        {
            string[] pair = option.Split('=', 2);
            if (pair.Length != 2) continue;
            switch (pair[0])
            {
                case "dev_config":
                    Require(pair[1].Length is > 0 and < 256);
                    break;
                case "dev_size":
                    Require(ulong.TryParse(pair[1], out _));
                    break;
                case "hw_block_size" or "hw_max_sectors":
                    Require(int.TryParse(pair[1], out int positive) && positive > 0);
                    break;
                case "max_data_area_mb" or "cmd_ring_size_mb":
                    Require(int.TryParse(pair[1], out int megabytes) && megabytes > 0 && !backend.IsConfigured);
                    break;
                case "nl_reply_supported":
                    Require(int.TryParse(pair[1], out _));
                    break;
                default:
                    continue;
            }

            backend.Parameters[pair[0]] = pair[1];
        }
    }

    /// <summary>target_dev_enable_store and target_configure_device.</summary>
    private static void Enable(FakeBackend backend, string text)
    {
        Require(text.Contains('1'));
        if (backend.IsConfigured) throw new Refusal(Errno.Exists);
        backend.IsConfigured = true;
    }

    private static void Require(bool valid)
    {
        if (!valid) throw new Refusal(Errno.Invalid);
    }
}
