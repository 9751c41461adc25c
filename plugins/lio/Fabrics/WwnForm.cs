using System.Globalization;
using TgtModular.Scsi;

namespace TgtModular.Lio.Fabrics;

/// <summary>A form of port names: how people write them, how the kernel wants them, and the TransportID they stand for.</summary>
/// <param name="Description">What a name looks like, for messages.</param>
/// <param name="Normalize">The kernel's form; null when the text is no such name.</param>
/// <param name="PortName">Name of the port in identification data.</param>
/// <param name="Identify">TransportID of an initiator port of that name, in the kernel's form.</param>
public sealed record WwnForm(string Description, Func<string, string?> Normalize, Func<string, string> PortName, Func<string, TransportId> Identify)
{
    private const int Digits64 = 16;
    private const int Digits128 = 32;

    /// <summary>
    /// A World Wide Port_Name: eight bytes with colons between them, lower case (ft_parse_wwn and tcm_qla2xxx_parse_wwn, strict). Read without colons,
    /// and with <c>0x</c> or <c>naa.</c> in front, too.
    /// </summary>
    public static WwnForm FibreChannel { get; } = new(
        "a World Wide Port_Name such as 21:00:00:24:ff:31:4c:48",
        text => ParseFibreChannel(text) is { } value ? Colons(value) : null,
        name => Hex(ParseFibreChannel(name)!.Value),
        name => TransportId.ForFibreChannel(ParseFibreChannel(name)!.Value));

    /// <summary>
    /// A virtual port (NPIV) of qla2xxx: the name of the physical port, an at sign, and sixteen digits each for the virtual port's name and node
    /// (tcm_qla2xxx_npiv_make_lport).
    /// </summary>
    public static WwnForm VirtualFibreChannel { get; } = new(
        "a virtual port such as 21:00:00:24:ff:31:4c:48@2101001b32000001:2001001b32000001",
        NormalizeVirtual,
        name => name[(name.IndexOf('@') + 1)..name.LastIndexOf(':')],
        name => TransportId.ForFibreChannel(ulong.Parse(name[(name.IndexOf('@') + 1)..name.LastIndexOf(':')], NumberStyles.AllowHexSpecifier, null)));

    /// <summary>The SAS form of tcm_loop and vhost: <c>naa.</c> and sixteen digits (tcm_loop_make_scsi_hba, vhost_scsi_make_tport).</summary>
    public static WwnForm Sas { get; } = new(
        "a SAS name such as naa.5001405000000001",
        text => ParseSas(text) is { } value ? $"naa.{Hex(value)}" : null,
        name => Hex(ParseSas(name)!.Value),
        name => TransportId.ForSas(ParseSas(name)!.Value));

    /// <summary>
    /// A port of SRP by its sixteen bytes: <c>0x</c> and 32 digits, as srpt names ports by their GID and looks initiators up (srpt_refresh_port,
    /// srpt_cm_req_recv). Read as eight groups with colons too.
    /// </summary>
    public static WwnForm Srp { get; } = new(
        "a GID such as 0xfe80000000000000505400fffe123456, or the same in eight groups with colons",
        text => ParseSrp(text) is { } value ? $"0x{Hex(value)}" : null,
        name => Hex(ParseSrp(name)!.Value),
        name => TransportId.ForSrp(ParseSrp(name)!.Value));

    /// <summary>The unit address of a virtual SCSI adapter of IBM POWER, hexadecimal (ibmvscsis_lookup_port: the name of the VIO device).</summary>
    public static WwnForm VioUnit { get; } = new(
        "the unit address of a virtual adapter such as 30000003",
        text => ParseVio(text) is { } value ? value.ToString("x", CultureInfo.InvariantCulture) : null,
        name => name,
        name => TransportId.ForSrp(ParseVio(name)!.Value));

    private static ulong? ParseFibreChannel(string text)
    {
        if (text.StartsWith("naa.", StringComparison.OrdinalIgnoreCase)) text = text[4..];
        else if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) text = text[2..];
        if (text.Contains(':', StringComparison.Ordinal))
        {
            string[] bytes = text.Split(':');
            if (bytes.Length != 8 || bytes.Any(part => part.Length != 2)) return null;
            text = string.Concat(bytes);
        }

        return Parse64(text);
    }

    private static ulong? ParseSas(string text) => text.StartsWith("naa.", StringComparison.OrdinalIgnoreCase) ? Parse64(text[4..]) : null;

    private static UInt128? ParseSrp(string text)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
        {
            text = text[2..];
        }
        else if (text.Contains(':', StringComparison.Ordinal))
        {
            string[] groups = text.Split(':');
            if (groups.Length != 8 || groups.Any(part => part.Length is 0 or > 4)) return null;
            text = string.Concat(groups.Select(part => part.PadLeft(4, '0')));
        }

        return text.Length == Digits128 && UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, null, out UInt128 value) ? value : null;
    }

    private static uint? ParseVio(string text)
    {
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) text = text[2..];
        return uint.TryParse(text, NumberStyles.AllowHexSpecifier, null, out uint value) ? value : null;
    }

    private static string? NormalizeVirtual(string text)
    {
        string[] parts = text.Split('@');
        if (parts.Length != 2 || ParseFibreChannel(parts[0]) is not { } physical) return null;
        string[] names = parts[1].Split(':');
        return names.Length == 2 && Parse64(names[0]) is { } port && Parse64(names[1]) is { } node ? $"{Colons(physical)}@{Hex(port)}:{Hex(node)}" : null;
    }

    private static ulong? Parse64(string digits) =>
        digits.Length == Digits64 && ulong.TryParse(digits, NumberStyles.AllowHexSpecifier, null, out ulong value) ? value : null;

    private static string Hex(ulong value) => value.ToString("x16", CultureInfo.InvariantCulture);

    private static string Hex(UInt128 value) => value.ToString("x32", CultureInfo.InvariantCulture);

    private static string Colons(ulong value) => string.Join(':', Hex(value).Chunk(2).Select(pair => new string(pair)));
}
