using System.Globalization;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;

namespace TgtModular.Sbc;

/// <summary>
/// Parameters that an administrator changes while the disk runs: the mutable options by their names, and tgtadm's <c>--params</c> names for them.
/// </summary>
internal sealed class DiskParameters(Disk disk, ModeParameterServer mode, DiskModePages pages, MediumAccess access)
{
    /// <summary>Sets one.</summary>
    /// <returns>Null when done, else why not.</returns>
    public async ValueTask<string?> SetAsync(string name, string value, CancellationToken cancellationToken) => name switch
    {
        "online" => SetFlag(name, value, flag => access.Offline = !flag),
        SbcOptions.ReadOnly => SetFlag(name, value, flag => disk.ReadOnly = flag),
        SbcOptions.Removable => SetFlag(name, value, SetRemovable),
        SbcOptions.WriteCache => await ChangeAsync(name, value, pages.WithWriteCache, cancellationToken),
        SbcOptions.DescriptorSense or "sense_format" => await ChangeAsync(name, value, pages.WithDescriptorSense, cancellationToken),
        SbcOptions.PhysicalBlockExponent => SetNumber(name, value, 15, (profile, number) => profile with { PhysicalBlockExponent = (int)number }),
        SbcOptions.LowestAlignedLba or "la_lba" =>
            SetNumber(name, value, 0x3FFF, (profile, number) => profile with { LowestAlignedLba = (int)number }),
        SbcOptions.TransferGranularity or "optimal_xfer_gran" =>
            SetNumber(name, value, ushort.MaxValue, (profile, number) => profile with { TransferGranularity = (int)number }),
        SbcOptions.TransferLength or "optimal_xfer_len" =>
            SetNumber(name, value, uint.MaxValue, (profile, number) => profile with { TransferLength = (uint)number }),
        SbcOptions.RotationRate => SetNumber(name, value, 0xFFFE, (profile, number) => profile with { RotationRate = (int)number }),
        "mode_page" => await SetModePageAsync(value, cancellationToken),
        SbcOptions.BlockSize or SbcOptions.Thin or SbcOptions.MaximumWriteSame or "thin_provisioning" or "scsi_id" or "scsi_sn" or "vendor_id" or "product_id" or "product_rev" =>
            $"'{name}' cannot be changed while the unit runs: set it in the configuration",
        _ => $"there is no parameter '{name}'",
    };

    private void SetRemovable(bool value)
    {
        access.Removable = value;
        disk.Profile = disk.Profile; // announces that INQUIRY data changed
    }

    private static string? SetFlag(string name, string value, Action<bool> set)
    {
        if (!TryReadFlag(value, out bool flag)) return $"'{name}' is 0 or 1, not '{value}'";
        set(flag);
        return null;
    }

    private async ValueTask<string?> ChangeAsync(string name, string value, Func<bool, ModePageChange> change, CancellationToken cancellationToken)
    {
        if (!TryReadFlag(value, out bool flag)) return $"'{name}' is 0 or 1, not '{value}'";
        return await ApplyAsync(name, change(flag), cancellationToken);
    }

    private async ValueTask<string?> ApplyAsync(string name, ModePageChange change, CancellationToken cancellationToken)
    {
        if (change.Page.Check(change.Values) >= 0) return $"'{name}': the store does not allow it";
        ScsiOutcome outcome = await mode.ChangeAsync([change], cancellationToken);
        return outcome.IsGood ? null : $"'{name}' could not be changed: {outcome}";
    }

    private string? SetNumber(string name, string value, long maximum, Func<DiskProfile, long, DiskProfile> change)
    {
        if (!long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number > maximum)
            return $"'{name}' is a whole number from 0 to {maximum}, not '{value}'";
        disk.Profile = change(disk.Profile, number);
        return null;
    }

    /// <summary>tgtadm's <c>mode_page=page:subpage:length:byte:byte:...</c>: a page of its own, or changeable bits of one that is there.</summary>
    private async ValueTask<string?> SetModePageAsync(string value, CancellationToken cancellationToken)
    {
        if (!TryReadModePage(value, out byte code, out byte subcode, out byte[] values))
            return $"'mode_page' is page:subpage:length:bytes, all numbers below 256 (pages below 63) and as many bytes as the length says, not '{value}'";
        if (pages.Pages.Find(code, subcode) is not { } page)
        {
            pages.Pages.Add(new ModePage(code, subcode, values));
            return null;
        }

        if (values.Length != page.Length) return $"mode page {code:X2}h/{subcode:X2}h has {page.Length} bytes, not {values.Length}";
        return await ApplyAsync("mode_page", new ModePageChange(page, values), cancellationToken);
    }

    private static bool TryReadModePage(string value, out byte code, out byte subcode, out byte[] values)
    {
        (code, subcode, values) = (0, 0, []);
        string[] parts = value.Split(':');
        byte[] numbers = new byte[parts.Length];
        for (int i = 0; i < parts.Length; i++)
        {
            if (!TryReadByte(parts[i].Trim(), out numbers[i])) return false;
        }

        if (numbers.Length < 3 || numbers[0] >= 0x3F || numbers[1] == 0xFF || numbers.Length - 3 != numbers[2]) return false;
        (code, subcode, values) = (numbers[0], numbers[1], numbers[3..]);
        return true;
    }

    private static bool TryReadByte(string text, out byte value) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? byte.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
        : byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static bool TryReadFlag(string text, out bool value)
    {
        value = text is "1" or "true" or "yes" or "on";
        return value || text is "0" or "false" or "no" or "off";
    }
}
