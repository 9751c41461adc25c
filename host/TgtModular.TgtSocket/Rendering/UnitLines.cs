using System.Globalization;
using System.Text;
using TgtModular.Devices;

namespace TgtModular.TgtSocket.Rendering;

/// <summary>The lines of one unit in <c>target show</c>.</summary>
internal sealed record UnitLines(
    ulong Lun, string Type, string ScsiId, string Serial, long Length, int BlockLength, UnitCondition Condition, string StoreType, string Path, string Flags)
{
    public void AppendTo(StringBuilder text)
    {
        SystemText.Line(text, 2, string.Create(CultureInfo.InvariantCulture, $"LUN: {Lun}"));
        Line(text, $"Type: {Type}");
        Line(text, $"SCSI ID: {ScsiId}");
        Line(text, $"SCSI SN: {Serial}");
        Line(text, string.Create(CultureInfo.InvariantCulture, $"Size: {TargetText.Megabytes(Length)} MB, Block size: {BlockLength}"));
        Line(text, $"Online: {YesNo(Condition.Online)}");
        Line(text, $"Removable media: {YesNo(Condition.Removable)}");
        Line(text, $"Prevent removal: {YesNo(Condition.RemovalPrevented)}");
        Line(text, $"Readonly: {YesNo(Condition.ReadOnly)}");
        Line(text, $"SWP: {YesNo(Condition.SoftwareWriteProtect)}");
        Line(text, $"Thin-provisioning: {YesNo(Condition.ThinProvisioned)}");
        Line(text, $"Backing store type: {StoreType}");
        Line(text, $"Backing store path: {Path}");
        Line(text, $"Backing store flags: {Flags}");
    }

    private static void Line(StringBuilder text, string line) => SystemText.Line(text, 3, line);

    private static string YesNo(bool value) => value ? "Yes" : "No";
}
