namespace TgtModular.Scsi;

/// <summary>Named factories of sense data. A new cause gets a new factory here.</summary>
public static class Sense
{
    private const uint CommandData = 1u << 22;
    private const uint BitPointerValid = 1u << 19;

    /// <summary>NO SENSE: nothing to report.</summary>
    public static SenseData None => default;

    /// <summary>The operation code or service action is not implemented.</summary>
    public static SenseData InvalidOperationCode { get; } = Illegal(AdditionalSense.InvalidCommandOperationCode);

    /// <summary>No logical unit has this LUN.</summary>
    public static SenseData LogicalUnitNotSupported { get; } = Illegal(AdditionalSense.LogicalUnitNotSupported);

    /// <summary>PARAMETER LIST LENGTH ERROR.</summary>
    public static SenseData ParameterListLengthError { get; } = Illegal(AdditionalSense.ParameterListLengthError);

    /// <summary>The addressed blocks do not all exist.</summary>
    public static SenseData LbaOutOfRange { get; } = Illegal(AdditionalSense.LogicalBlockAddressOutOfRange);

    /// <summary>SAVING PARAMETERS NOT SUPPORTED.</summary>
    public static SenseData SavingParametersNotSupported { get; } = Illegal(AdditionalSense.SavingParametersNotSupported);

    /// <summary>COMMAND SEQUENCE ERROR.</summary>
    public static SenseData CommandSequenceError { get; } = Illegal(AdditionalSense.CommandSequenceError);

    /// <summary>The announced data length does not fit what the CDB asks (FCP-4 section 9.4.2; the other transports have no word of their own).</summary>
    public static SenseData InvalidFieldInCommandInformationUnit { get; } = Illegal(AdditionalSense.InvalidFieldInCommandInformationUnit);

    /// <summary>MEDIUM REMOVAL PREVENTED.</summary>
    public static SenseData MediumRemovalPrevented { get; } = Illegal(AdditionalSense.MediumRemovalPrevented);

    /// <summary>The medium or the unit is write protected.</summary>
    public static SenseData WriteProtected { get; } = new() { Key = SenseKey.DataProtect, Additional = AdditionalSense.WriteProtected };

    /// <summary>Thin provisioning has no space left for the write (SBC-4 section 4.7.3.6).</summary>
    public static SenseData SpaceAllocationFailed { get; } =
        new() { Key = SenseKey.DataProtect, Additional = AdditionalSense.SpaceAllocationFailedWriteProtect };

    /// <summary>A write to a sequential write required zone does not begin at its write pointer (ZBC-2).</summary>
    public static SenseData UnalignedWriteCommand { get; } = Illegal(AdditionalSense.UnalignedWriteCommand);

    /// <summary>A write reaches over the end of a zone that ends writes (ZBC-2).</summary>
    public static SenseData WriteBoundaryViolation { get; } = Illegal(AdditionalSense.WriteBoundaryViolation);

    /// <summary>A read asks for blocks of a zone that were not written, where that is not allowed (ZBC-2).</summary>
    public static SenseData AttemptToReadInvalidData { get; } = Illegal(AdditionalSense.AttemptToReadInvalidData);

    /// <summary>A read reaches over the end of a zone, where that is not allowed (ZBC-2).</summary>
    public static SenseData ReadBoundaryViolation { get; } = Illegal(AdditionalSense.ReadBoundaryViolation);

    /// <summary>No further zone can be open (ZBC-2).</summary>
    public static SenseData InsufficientZoneResources { get; } = new() { Key = SenseKey.DataProtect, Additional = AdditionalSense.InsufficientZoneResources };

    /// <summary>The zone is in the condition READ ONLY (ZBC-2).</summary>
    public static SenseData ZoneIsReadOnly { get; } = new() { Key = SenseKey.DataProtect, Additional = AdditionalSense.ZoneIsReadOnly };

    /// <summary>The zone is in the condition OFFLINE (ZBC-2).</summary>
    public static SenseData ZoneIsOffline { get; } = new() { Key = SenseKey.DataProtect, Additional = AdditionalSense.ZoneIsOffline };

    /// <summary>There is no medium.</summary>
    public static SenseData MediumNotPresent { get; } = NotReady(AdditionalSense.MediumNotPresent);

    /// <summary>START STOP UNIT must start the unit first.</summary>
    public static SenseData InitializingCommandRequired { get; } = NotReady(AdditionalSense.InitializingCommandRequired);

    /// <summary>The unit is not ready and cannot say why.</summary>
    public static SenseData NotReadyCauseNotReportable { get; } = NotReady(AdditionalSense.LogicalUnitNotReadyCauseNotReportable);

    /// <summary>A format runs (SBC-3 section 4.33).</summary>
    /// <param name="progress">How much is done, in 65536ths.</param>
    public static SenseData FormatInProgress(ushort progress) => NotReady(AdditionalSense.FormatInProgress) with { KeySpecific = progress };

    /// <summary>The last format did not end well.</summary>
    public static SenseData MediumFormatCorrupted { get; } = new() { Key = SenseKey.MediumError, Additional = AdditionalSense.MediumFormatCorrupted };

    /// <summary>The backing store does not answer.</summary>
    public static SenseData CommunicationFailure { get; } = NotReady(AdditionalSense.LogicalUnitCommunicationFailure);

    /// <summary>An unexpected fault within the target.</summary>
    public static SenseData InternalTargetFailure { get; } = new() { Key = SenseKey.HardwareError, Additional = AdditionalSense.InternalTargetFailure };

    /// <summary>The target has no memory or other resource for the command now.</summary>
    public static SenseData InsufficientResources { get; } = Illegal(AdditionalSense.InsufficientResources);

    /// <summary>There is no room for another registration (SPC-4 section 5.13.7).</summary>
    public static SenseData InsufficientRegistrationResources { get; } = Illegal(AdditionalSense.InsufficientRegistrationResources);

    /// <summary>RELEASE names another type or scope than the persistent reservation has.</summary>
    public static SenseData InvalidReleaseOfPersistentReservation { get; } = Illegal(AdditionalSense.InvalidReleaseOfPersistentReservation);

    /// <summary>The Data-Out of a command did not arrive whole.</summary>
    public static SenseData DataPhaseError { get; } = Aborted(AdditionalSense.DataPhaseError);

    /// <summary>Data arrived damaged (iSCSI data digest; RFC 7143 section 11.4.7.2).</summary>
    public static SenseData ProtocolServiceCrcError { get; } = Aborted(AdditionalSense.ScsiParityErrorProtocolServiceCrc);

    /// <summary>Unsolicited data arrived that the negotiated keys forbid (RFC 7143 section 11.4.7.2).</summary>
    public static SenseData UnexpectedUnsolicitedData { get; } = Aborted(AdditionalSense.UnexpectedUnsolicitedData);

    /// <summary>Less unsolicited data arrived than the command announced (RFC 7143 section 11.4.7.2).</summary>
    public static SenseData NotEnoughUnsolicitedData { get; } = Aborted(AdditionalSense.NotEnoughUnsolicitedData);

    /// <summary>A command used the tag of one still running.</summary>
    public static SenseData OverlappedCommands { get; } = Aborted(AdditionalSense.OverlappedCommandsAttempted);

    /// <summary>A bit or field of the CDB is not acceptable.</summary>
    /// <param name="byteIndex">Byte of the CDB.</param>
    /// <param name="bit">Most significant bit of the field (0 to 7), or null for a whole byte or longer field.</param>
    public static SenseData InvalidFieldInCdb(int byteIndex, int? bit = null) =>
        Illegal(AdditionalSense.InvalidFieldInCdb) with { KeySpecific = FieldPointer(byteIndex, bit) | CommandData };

    /// <summary>A field of the parameter list is not acceptable.</summary>
    /// <param name="byteIndex">Byte of the parameter list.</param>
    /// <param name="bit">Most significant bit of the field (0 to 7), or null for a whole byte or longer field.</param>
    public static SenseData InvalidFieldInParameterList(int byteIndex, int? bit = null) =>
        Illegal(AdditionalSense.InvalidFieldInParameterList) with { KeySpecific = FieldPointer(byteIndex, bit) };

    /// <summary>An illegal request with another code, without a field pointer.</summary>
    public static SenseData Illegal(AdditionalSense additional) => new() { Key = SenseKey.IllegalRequest, Additional = additional };

    /// <summary>A unit attention condition.</summary>
    public static SenseData UnitAttention(AdditionalSense additional) => new() { Key = SenseKey.UnitAttention, Additional = additional };

    /// <summary>The unit is not ready.</summary>
    public static SenseData NotReady(AdditionalSense additional) => new() { Key = SenseKey.NotReady, Additional = additional };

    /// <summary>The device server aborted the command.</summary>
    public static SenseData Aborted(AdditionalSense additional) => new() { Key = SenseKey.AbortedCommand, Additional = additional };

    /// <summary>Data could not be read.</summary>
    /// <param name="address">LBA of the first bad block, null when unknown.</param>
    public static SenseData UnrecoveredReadError(long? address) =>
        new() { Key = SenseKey.MediumError, Additional = AdditionalSense.UnrecoveredReadError, Information = address };

    /// <summary>Data could not be written.</summary>
    /// <param name="address">LBA of the first bad block, null when unknown.</param>
    public static SenseData WriteError(long? address) =>
        new() { Key = SenseKey.MediumError, Additional = AdditionalSense.WriteError, Information = address };

    /// <summary>A filemark stopped the command (SSC-4 section 5.3).</summary>
    /// <param name="residual">What was asked for less what was done, in blocks or in bytes as the command counts.</param>
    public static SenseData FilemarkDetected(long residual) =>
        new() { Additional = AdditionalSense.FilemarkDetected, Filemark = true, Information = residual };

    /// <summary>A block was shorter (positive) or longer (negative residual) than asked for (SSC-4 section 5.3, ILI).</summary>
    /// <param name="residual">Requested less actual length.</param>
    public static SenseData IncorrectLength(long residual) => new() { IncorrectLength = true, Information = residual };

    /// <summary>Nothing is recorded from here on (SSC-4 section 5.3).</summary>
    /// <param name="residual">What was asked for less what was done.</param>
    public static SenseData EndOfDataDetected(long residual) =>
        new() { Key = SenseKey.BlankCheck, Additional = AdditionalSense.EndOfDataDetected, Information = residual };

    /// <summary>The beginning of the partition stopped the command.</summary>
    /// <param name="residual">What was asked for less what was done.</param>
    public static SenseData BeginningOfPartitionDetected(long residual) =>
        new() { Additional = AdditionalSense.BeginningOfPartitionDetected, EndOfMedium = true, Information = residual };

    /// <summary>Early warning: the block was recorded, and the medium is about to end.</summary>
    public static SenseData EarlyWarning { get; } = new() { Additional = AdditionalSense.EndOfPartitionOrMediumDetected, EndOfMedium = true };

    /// <summary>A write-once medium would have been overwritten.</summary>
    public static SenseData WriteOnceOverwrite { get; } = new() { Key = SenseKey.DataProtect, Additional = AdditionalSense.WormMediumOverwriteAttempted };

    /// <summary>COMPARE AND WRITE or VERIFY found a difference.</summary>
    /// <param name="byteOffset">Offset of the first differing byte in the Data-Out buffer (SBC-4 section 5.3).</param>
    public static SenseData MiscompareDuringVerify(long byteOffset) =>
        new() { Key = SenseKey.Miscompare, Additional = AdditionalSense.MiscompareDuringVerify, Information = byteOffset };

    private static uint FieldPointer(int byteIndex, int? bit) =>
        (uint)(ushort)byteIndex | (bit is { } b ? BitPointerValid | ((uint)b << 16) : 0);
}
