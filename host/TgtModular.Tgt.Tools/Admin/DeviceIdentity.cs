using System.Text;
using TgtModular.Tgt.Tools.TargetsConf;

namespace TgtModular.Tgt.Tools.Admin;

/// <summary>Who a SCSI device says it is, as the kernel keeps it in sysfs.</summary>
internal static class DeviceIdentity
{
    private const int SerialHeaderLength = 4;

    /// <summary>Vendor, product, revision and serial of the device behind a store; nothing for what is none.</summary>
    public static List<ConfigSetting> Of(StoreEntry store)
    {
        List<ConfigSetting> settings = [];
        string real = File.ResolveLinkTarget(store.Path, returnFinalTarget: true)?.FullName ?? store.Path;
        string device = $"/sys/class/block/{Path.GetFileName(real)}/device";
        if (!real.StartsWith("/dev/", StringComparison.Ordinal) || !Directory.Exists(device)) return settings;
        Add("vendor_id", Text(device + "/vendor"));
        Add("product_id", Text(device + "/model"));
        Add("product_rev", Text(device + "/rev"));
        Add("scsi_sn", Serial(device + "/vpd_pg80"));
        return settings;

        void Add(string name, string value)
        {
            if (value.Length > 0 && !store.Parameters.Exists(own => own.Name == name)) settings.Add(new ConfigSetting(name, value, store.Place));
        }
    }

    private static string Text(string file) => File.Exists(file) ? File.ReadAllText(file).Trim() : "";

    /// <summary>The unit serial number (SPC-4 7.8.15): four bytes of header, then text.</summary>
    private static string Serial(string file)
    {
        if (!File.Exists(file)) return "";
        byte[] page = File.ReadAllBytes(file);
        return page.Length > SerialHeaderLength ? Encoding.ASCII.GetString(page, SerialHeaderLength, page.Length - SerialHeaderLength).Trim('\0', ' ') : "";
    }
}
