namespace TgtModular.Scsi;

/// <summary>Sense keys (SPC-5 section 4.4.8).</summary>
public enum SenseKey : byte
{
    /// <summary>Nothing to report, or filemark, end of medium and length indications only.</summary>
    NoSense = 0x0,

    /// <summary>Completed with a recovery action.</summary>
    RecoveredError = 0x1,

    /// <summary>The logical unit is not accessible.</summary>
    NotReady = 0x2,

    /// <summary>A flaw of the medium or an error in the recorded data.</summary>
    MediumError = 0x3,

    /// <summary>A hardware failure.</summary>
    HardwareError = 0x4,

    /// <summary>The command or its parameters are not acceptable.</summary>
    IllegalRequest = 0x5,

    /// <summary>Something changed that the initiator must know first.</summary>
    UnitAttention = 0x6,

    /// <summary>A protected block was addressed.</summary>
    DataProtect = 0x7,

    /// <summary>Blank medium or end of data was found.</summary>
    BlankCheck = 0x8,

    /// <summary>Vendor specific.</summary>
    VendorSpecific = 0x9,

    /// <summary>A third party copy was aborted.</summary>
    CopyAborted = 0xA,

    /// <summary>The device server aborted the command.</summary>
    AbortedCommand = 0xB,

    /// <summary>Data was left in the buffer at end of partition.</summary>
    VolumeOverflow = 0xD,

    /// <summary>The source data did not match the medium's.</summary>
    Miscompare = 0xE,

    /// <summary>The command completed, with something to tell.</summary>
    Completed = 0xF,
}
