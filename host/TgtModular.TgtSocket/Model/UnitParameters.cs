using System.Globalization;
using TgtModular.Core.Configuration;
using TgtModular.Plugins;

namespace TgtModular.TgtSocket.Model;

/// <summary>What a parameter of <c>logicalunit update</c> does.</summary>
internal enum UnitParameterKind
{
    /// <summary>Who the unit is: text of the unit's specification.</summary>
    Identity,

    /// <summary>Set on the running unit; an option of it keeps the value.</summary>
    Option,

    /// <summary>Set on the running unit; nothing keeps it.</summary>
    Setting,

    /// <summary>A mode page.</summary>
    ModePage,

    /// <summary>Only a new unit can have another value.</summary>
    Fixed,

    /// <summary>Another medium.</summary>
    Path,
}

/// <summary>One parameter of <c>logicalunit update</c>.</summary>
/// <param name="Name">As tgtadm has it.</param>
/// <param name="Kind">What it does.</param>
/// <param name="Option">The disk's option for it.</param>
/// <param name="IsFlag">0 or 1; else a number.</param>
/// <param name="Length">Characters of a text at most; what is longer is cut, as tgt does.</param>
internal sealed record UnitParameter(string Name, UnitParameterKind Kind, string? Option = null, bool IsFlag = false, int Length = 0)
{
    /// <summary>The parameter by which a unit is taken offline, its medium with it.</summary>
    public const string Online = "online";

    private const string WriteCache = "write_cache";

    // What tgt-admin sends for write-cache of targets.conf: the caching mode page of C tgtd, whole.
    private const string CachingPage = "8:0:18:0x{0}:0:0xff:0xff:0:0:0xff:0xff:0xff:0xff:0x80:0x14:0:0:0:0:0:0";

    private static readonly UnitParameter[] All =
    [
        new("scsi_id", UnitParameterKind.Identity, Length: 36),
        new("scsi_sn", UnitParameterKind.Identity, Length: 36),
        new("vendor_id", UnitParameterKind.Identity, Length: 8),
        new("product_id", UnitParameterKind.Identity, Length: 16),
        new("product_rev", UnitParameterKind.Identity, Length: 4),
        new("sense_format", UnitParameterKind.Option, "descriptor_sense", IsFlag: true),
        new("lbppbe", UnitParameterKind.Option, "lbppbe"),
        new("la_lba", UnitParameterKind.Option, "lowest_aligned_lba"),
        new("optimal_xfer_gran", UnitParameterKind.Option, "optimal_transfer_granularity"),
        new("optimal_xfer_len", UnitParameterKind.Option, "optimal_transfer_length"),
        new("rotation_rate", UnitParameterKind.Option, "rotation_rate"),
        new("removable", UnitParameterKind.Option, "removable", IsFlag: true),
        new("readonly", UnitParameterKind.Option, "readonly", IsFlag: true),
        new(Online, UnitParameterKind.Setting, IsFlag: true),
        new("thin_provisioning", UnitParameterKind.Fixed, "thin", IsFlag: true),
        new(WriteCache, UnitParameterKind.Option, WriteCache, IsFlag: true),
        new("mode_page", UnitParameterKind.ModePage),
        new("path", UnitParameterKind.Path),
    ];

    /// <summary>The parameter of a name; null when there is none.</summary>
    public static UnitParameter? Find(string name) => Array.Find(All, row => row.Name == name);

    /// <summary>
    /// The parameter that a request means: a caching page as tgt-admin sends it stands for the write cache alone, whatever else is in it.
    /// </summary>
    public static (UnitParameter? Parameter, string? Value) Find(string name, string? value)
    {
        UnitParameter? parameter = Find(name);
        if (parameter?.Kind != UnitParameterKind.ModePage) return (parameter, value);
        if (value == CachingPage.Replace("{0}", "10", StringComparison.Ordinal)) return (Find(WriteCache), "0");
        return value == CachingPage.Replace("{0}", "14", StringComparison.Ordinal) ? (Find(WriteCache), "1") : (parameter, value);
    }

    /// <summary>The value as the device server takes it.</summary>
    public string Text(string value) => IsFlag ? CNumber.Read(value) != 0 ? "1" : "0" : CNumber.Read(value).ToString(CultureInfo.InvariantCulture);

    /// <summary>The value as the option has it.</summary>
    public object Typed(string value) => IsFlag ? CNumber.Read(value) != 0 : CNumber.Read(value);

    /// <summary>A unit with another identity; null for a text that cannot stand in one.</summary>
    public UnitSpec? Identify(UnitSpec unit, string value)
    {
        string text = value.Length > Length ? value[..Length] : value;
        if (text.Any(character => character is < ' ' or > '~')) return null;
        return Name switch
        {
            "scsi_id" => unit with { ScsiId = text },
            "scsi_sn" => unit with { Serial = text },
            "vendor_id" => unit with { Vendor = text },
            "product_id" => unit with { Product = text },
            _ => unit with { Revision = text },
        };
    }

    /// <summary>A unit whose option has the value.</summary>
    public UnitSpec Optioned(UnitSpec unit, string value)
    {
        if (Option is null || unit.Options.Schema.Find(Option) is null) return unit;
        Dictionary<string, object> given = new(unit.Options.Given) { [Option] = Typed(value) };
        return unit with { Options = new OptionValues(unit.Options.Schema, given) };
    }
}
