namespace Samples.Zoned;

/// <summary>Operation codes and service actions of ZBC (section 5.1) and SBC-4 (section 5.1); the names are the standards' own.</summary>
internal static class ZonedOpCode
{
    public const byte SynchronizeCache10 = 0x35;
    public const byte Read16 = 0x88;
    public const byte Write16 = 0x8A;
    public const byte SynchronizeCache16 = 0x91;
    public const byte ZoneManagementOut = 0x94;
    public const byte ZoneManagementIn = 0x95;

    public const int CloseZone = 0x01;
    public const int FinishZone = 0x02;
    public const int OpenZone = 0x03;
    public const int ResetWritePointer = 0x04;
    public const int ReportZones = 0x00;
}
