using TgtModular.Scsi.Primary;

namespace TgtModular.Sbc;

/// <summary>The mode pages of disks: as many as C tgtd has, and 01h. Only bits that something honours may be changed.</summary>
internal sealed class DiskModePages
{
    private const byte WriteCacheEnable = 0x04;
    private const byte DescriptorSenseBit = 0x04;
    private const byte SoftwareWriteProtectBit = 0x08;
    private const byte TaskAbortedStatusBit = 0x40;

    private readonly ModePage _caching;
    private readonly ModePage _control;

    /// <summary>The pages of a new disk.</summary>
    /// <param name="volatileCache">There is a cache to switch off.</param>
    /// <param name="writeCache">WCE at first.</param>
    /// <param name="descriptorSense">D_SENSE at first.</param>
    public DiskModePages(bool volatileCache, bool writeCache, bool descriptorSense)
    {
        _caching = CreateCaching(volatileCache, writeCache);
        _control = CreateControl(descriptorSense);
        Pages = new ModePageSet(
        [
            new ModePage(0x01, 0, new byte[10]), // read-write error recovery: nothing is corrected, nothing retried here
            new ModePage(0x02, 0, new byte[14]), // disconnect-reconnect
            _caching,
            _control,
            new ModePage(0x0A, 0x01, new byte[28]), // control extension
            new ModePage(0x1C, 0, [0x08, 0, 0, 0, 0, 0, 0, 0, 0, 0]), // informational exceptions control: DEXCPT, none are reported
        ]);
    }

    public ModePageSet Pages { get; }

    public ModePage Caching => _caching;

    public ModePage Control => _control;

    public bool WriteCache => IsWriteCacheOn(_caching.Current);

    public bool DescriptorSense => (_control.Current.Span[0] & DescriptorSenseBit) != 0;

    public bool SoftwareWriteProtect => (_control.Current.Span[2] & SoftwareWriteProtectBit) != 0;

    public bool TaskAbortedStatus => (_control.Current.Span[3] & TaskAbortedStatusBit) != 0;

    public static bool IsWriteCacheOn(ReadOnlyMemory<byte> caching) => (caching.Span[0] & WriteCacheEnable) != 0;

    /// <summary>The caching page with another WCE.</summary>
    public ModePageChange WithWriteCache(bool value) => With(_caching, 0, WriteCacheEnable, value);

    /// <summary>The control page with another D_SENSE.</summary>
    public ModePageChange WithDescriptorSense(bool value) => With(_control, 0, DescriptorSenseBit, value);

    private static ModePageChange With(ModePage page, int index, byte bit, bool value)
    {
        byte[] values = page.Current.ToArray();
        values[index] = (byte)(value ? values[index] | bit : values[index] & ~bit);
        return new ModePageChange(page, values);
    }

    private static ModePage CreateCaching(bool volatileCache, bool writeCache)
    {
        byte[] defaults = new byte[18];
        if (volatileCache && writeCache) defaults[0] = WriteCacheEnable;
        byte[] changeable = new byte[18];
        if (volatileCache) changeable[0] = WriteCacheEnable;
        return new ModePage(0x08, 0, defaults, changeable);
    }

    private static ModePage CreateControl(bool descriptorSense)
    {
        byte[] defaults = new byte[10];
        defaults[0] = (byte)(0x02 | (descriptorSense ? DescriptorSenseBit : 0)); // GLTSD: log parameters are not saved
        defaults[1] = 0x10; // QUEUE ALGORITHM MODIFIER: unrestricted reordering; QERR 00b
        defaults[6] = 0xFF; // BUSY TIMEOUT PERIOD: no bound
        defaults[7] = 0xFF;
        byte[] changeable = new byte[10];
        changeable[0] = DescriptorSenseBit;
        changeable[2] = SoftwareWriteProtectBit;
        changeable[3] = TaskAbortedStatusBit;
        return new ModePage(0x0A, 0, defaults, changeable);
    }
}
