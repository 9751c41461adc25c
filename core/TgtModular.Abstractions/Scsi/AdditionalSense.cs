namespace TgtModular.Scsi;

/// <summary>An additional sense code with its qualifier (SPC-5 annex F). The named values below are the only place where the numbers stand.</summary>
/// <param name="Code">ADDITIONAL SENSE CODE.</param>
/// <param name="Qualifier">ADDITIONAL SENSE CODE QUALIFIER.</param>
public readonly record struct AdditionalSense(byte Code, byte Qualifier)
{
#pragma warning disable CS1591 // Each name is the standard's own text for the code.
    public static AdditionalSense None => new(0x00, 0x00);
    public static AdditionalSense FilemarkDetected => new(0x00, 0x01);
    public static AdditionalSense EndOfPartitionOrMediumDetected => new(0x00, 0x02);
    public static AdditionalSense SetmarkDetected => new(0x00, 0x03);
    public static AdditionalSense BeginningOfPartitionDetected => new(0x00, 0x04);
    public static AdditionalSense EndOfDataDetected => new(0x00, 0x05);
    public static AdditionalSense OperationInProgress => new(0x00, 0x16);
    public static AdditionalSense LogicalUnitNotReadyCauseNotReportable => new(0x04, 0x00);
    public static AdditionalSense LogicalUnitBecomingReady => new(0x04, 0x01);
    public static AdditionalSense InitializingCommandRequired => new(0x04, 0x02);
    public static AdditionalSense ManualInterventionRequired => new(0x04, 0x03);
    public static AdditionalSense FormatInProgress => new(0x04, 0x04);
    public static AdditionalSense AsymmetricAccessStateTransition => new(0x04, 0x0A);
    public static AdditionalSense TargetPortInStandby => new(0x04, 0x0B);
    public static AdditionalSense TargetPortUnavailable => new(0x04, 0x0C);
    public static AdditionalSense LogicalUnitOffline => new(0x04, 0x12);
    public static AdditionalSense LogicalUnitDoesNotRespondToSelection => new(0x05, 0x00);
    public static AdditionalSense LogicalUnitCommunicationFailure => new(0x08, 0x00);
    public static AdditionalSense WriteError => new(0x0C, 0x00);
    public static AdditionalSense ThirdPartyDeviceFailure => new(0x0D, 0x01);
    public static AdditionalSense InvalidFieldInCommandInformationUnit => new(0x0E, 0x03);
    public static AdditionalSense LogicalBlockGuardCheckFailed => new(0x10, 0x01);
    public static AdditionalSense UnrecoveredReadError => new(0x11, 0x00);
    public static AdditionalSense ParameterListLengthError => new(0x1A, 0x00);
    public static AdditionalSense MiscompareDuringVerify => new(0x1D, 0x00);
    public static AdditionalSense InvalidCommandOperationCode => new(0x20, 0x00);
    public static AdditionalSense LogicalBlockAddressOutOfRange => new(0x21, 0x00);
    public static AdditionalSense InvalidElementAddress => new(0x21, 0x01);
    public static AdditionalSense InvalidAddressForWrite => new(0x21, 0x02);
    public static AdditionalSense UnalignedWriteCommand => new(0x21, 0x04);
    public static AdditionalSense WriteBoundaryViolation => new(0x21, 0x05);
    public static AdditionalSense AttemptToReadInvalidData => new(0x21, 0x06);
    public static AdditionalSense ReadBoundaryViolation => new(0x21, 0x07);
    public static AdditionalSense InvalidFieldInCdb => new(0x24, 0x00);
    public static AdditionalSense LogicalUnitNotSupported => new(0x25, 0x00);
    public static AdditionalSense InvalidFieldInParameterList => new(0x26, 0x00);
    public static AdditionalSense ParameterNotSupported => new(0x26, 0x01);
    public static AdditionalSense ParameterValueInvalid => new(0x26, 0x02);
    public static AdditionalSense InvalidReleaseOfPersistentReservation => new(0x26, 0x04);
    public static AdditionalSense TooManyTargetDescriptors => new(0x26, 0x06);
    public static AdditionalSense UnsupportedTargetDescriptorTypeCode => new(0x26, 0x07);
    public static AdditionalSense TooManySegmentDescriptors => new(0x26, 0x08);
    public static AdditionalSense UnsupportedSegmentDescriptorTypeCode => new(0x26, 0x09);
    public static AdditionalSense WriteProtected => new(0x27, 0x00);
    public static AdditionalSense SpaceAllocationFailedWriteProtect => new(0x27, 0x07);
    public static AdditionalSense ZoneIsReadOnly => new(0x27, 0x08);
    public static AdditionalSense MediumMayHaveChanged => new(0x28, 0x00);
    public static AdditionalSense ImportOrExportElementAccessed => new(0x28, 0x01);
    public static AdditionalSense PowerOnResetOrBusDeviceReset => new(0x29, 0x00);
    public static AdditionalSense PowerOnOccurred => new(0x29, 0x01);
    public static AdditionalSense BusDeviceResetFunctionOccurred => new(0x29, 0x03);
    public static AdditionalSense NexusLossOccurred => new(0x29, 0x07);
    public static AdditionalSense ModeParametersChanged => new(0x2A, 0x01);
    public static AdditionalSense LogParametersChanged => new(0x2A, 0x02);
    public static AdditionalSense ReservationsPreempted => new(0x2A, 0x03);
    public static AdditionalSense ReservationsReleased => new(0x2A, 0x04);
    public static AdditionalSense RegistrationsPreempted => new(0x2A, 0x05);
    public static AdditionalSense AsymmetricAccessStateChanged => new(0x2A, 0x06);
    public static AdditionalSense CapacityDataHasChanged => new(0x2A, 0x09);
    public static AdditionalSense CommandSequenceError => new(0x2C, 0x00);
    public static AdditionalSense ZoneIsOffline => new(0x2C, 0x0E);
    public static AdditionalSense CommandsClearedByAnotherInitiator => new(0x2F, 0x00);
    public static AdditionalSense IncompatibleMediumInstalled => new(0x30, 0x00);
    public static AdditionalSense CannotReadMediumUnknownFormat => new(0x30, 0x01);
    public static AdditionalSense CannotWriteMediumIncompatibleFormat => new(0x30, 0x05);
    public static AdditionalSense WormMediumOverwriteAttempted => new(0x30, 0x0C);
    public static AdditionalSense MediumFormatCorrupted => new(0x31, 0x00);
    public static AdditionalSense SavingParametersNotSupported => new(0x39, 0x00);
    public static AdditionalSense MediumNotPresent => new(0x3A, 0x00);
    public static AdditionalSense MediumDestinationElementFull => new(0x3B, 0x0D);
    public static AdditionalSense MediumSourceElementEmpty => new(0x3B, 0x0E);
    public static AdditionalSense MicrocodeHasBeenChanged => new(0x3F, 0x01);
    public static AdditionalSense InquiryDataHasChanged => new(0x3F, 0x03);
    public static AdditionalSense ReportedLunsDataHasChanged => new(0x3F, 0x0E);
    public static AdditionalSense InternalTargetFailure => new(0x44, 0x00);
    public static AdditionalSense MessageError => new(0x43, 0x00);
    public static AdditionalSense ScsiParityErrorProtocolServiceCrc => new(0x47, 0x05);
    public static AdditionalSense InitiatorDetectedErrorMessageReceived => new(0x48, 0x00);
    public static AdditionalSense DataPhaseError => new(0x4B, 0x00);
    public static AdditionalSense OverlappedCommandsAttempted => new(0x4E, 0x00);
    public static AdditionalSense MediumRemovalPrevented => new(0x53, 0x02);
    public static AdditionalSense InsufficientResources => new(0x55, 0x03);
    public static AdditionalSense InsufficientRegistrationResources => new(0x55, 0x04);
    public static AdditionalSense InsufficientZoneResources => new(0x55, 0x0E);
    public static AdditionalSense UnexpectedUnsolicitedData => new(0x0C, 0x0C);
    public static AdditionalSense NotEnoughUnsolicitedData => new(0x0C, 0x0D);
#pragma warning restore CS1591

    /// <summary>The pair as the standards write it, for example <c>2Ah/09h</c>.</summary>
    public override string ToString() => $"{Code:X2}h/{Qualifier:X2}h";
}
