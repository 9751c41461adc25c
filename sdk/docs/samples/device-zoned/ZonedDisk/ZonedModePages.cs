using TgtModular.Scsi.Primary;

namespace Samples.Zoned;

/// <summary>The mode pages (SPC-5 section 7.5, SBC-4 section 6.5). Only bits that something honours may be changed; the write cache cannot be switched off.</summary>
internal sealed class ZonedModePages
{
    private const byte DescriptorSenseBit = 0x04;
    private const byte SoftwareWriteProtectBit = 0x08;
    private const byte TaskAbortedStatusBit = 0x40;

    private readonly ModePage _control = CreateControl();

    public ZonedModePages() => Pages = new ModePageSet([new ModePage(0x01, 0, new byte[10]), CreateCaching(), _control]);

    public ModePageSet Pages { get; }

    public bool DescriptorSense => (_control.Current.Span[0] & DescriptorSenseBit) != 0;

    public bool SoftwareWriteProtect => (_control.Current.Span[2] & SoftwareWriteProtectBit) != 0;

    public bool TaskAbortedStatus => (_control.Current.Span[3] & TaskAbortedStatusBit) != 0;

    private static ModePage CreateCaching()
    {
        byte[] defaults = new byte[18];
        defaults[0] = 0x04; // WCE
        return new ModePage(0x08, 0, defaults);
    }

    private static ModePage CreateControl()
    {
        byte[] defaults = [0x02, 0x10, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0]; // GLTSD; unrestricted reordering; busy for as long as it takes
        byte[] changeable = [DescriptorSenseBit, 0, SoftwareWriteProtectBit, TaskAbortedStatusBit, 0, 0, 0, 0, 0, 0];
        return new ModePage(0x0A, 0, defaults, changeable);
    }
}
