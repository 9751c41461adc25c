namespace TgtModular.Scsi;

/// <summary>PERIPHERAL DEVICE TYPE of standard INQUIRY data (SPC-5 section 6.7.2).</summary>
public enum PeripheralDeviceType : byte
{
    /// <summary>Direct access block device (SBC).</summary>
    Block = 0x00,

    /// <summary>Sequential access device (SSC).</summary>
    Tape = 0x01,

    /// <summary>CD, DVD or Blu-ray device (MMC).</summary>
    Optical = 0x05,

    /// <summary>Medium changer (SMC).</summary>
    MediumChanger = 0x08,

    /// <summary>Storage array controller (SCC).</summary>
    ArrayController = 0x0C,

    /// <summary>Enclosure services.</summary>
    Enclosure = 0x0D,

    /// <summary>Object-based storage device (OSD).</summary>
    ObjectStore = 0x11,

    /// <summary>Host managed zoned block device (ZBC-2).</summary>
    ZonedBlock = 0x14,

    /// <summary>Well known logical unit.</summary>
    WellKnown = 0x1E,

    /// <summary>Unknown or no device type; with qualifier 011b: no logical unit here.</summary>
    None = 0x1F,
}
