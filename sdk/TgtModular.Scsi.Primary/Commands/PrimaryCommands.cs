using TgtModular.Devices;

namespace TgtModular.Scsi.Primary;

/// <summary>Small commands that every device type has.</summary>
public static class PrimaryCommands
{
    /// <summary>TEST UNIT READY (SPC-4 section 6.47): the core asks the device server whether it is ready.</summary>
    public static CommandDescriptor TestUnitReady() => new()
    {
        OperationCode = OpCode.TestUnitReady,
        Name = "TEST UNIT READY",
        UsageMask = CdbMask.Of("00 00000000 00"),
        Reservation = ReservationRule.Managed,
        NeedsMedium = true,
        Handler = _ => default,
    };

    /// <summary>REQUEST SENSE (SPC-4 section 6.39): pending unit attentions are the core's; else why the unit is not ready, if it is not.</summary>
    /// <param name="current">What there is to tell; NO SENSE when all is well.</param>
    public static CommandDescriptor RequestSense(Func<SenseData> current) => new()
    {
        OperationCode = OpCode.RequestSense,
        Name = "REQUEST SENSE",
        UsageMask = CdbMask.Of("03 01 0000 FF 00"),
        Direction = DataDirection.In,
        DataLength = cdb => new DataLengths(0, cdb[4]),
        Reservation = ReservationRule.Allowed,
        UnitAttention = UnitAttentionRule.Deliver,
        Handler = command =>
        {
            Span<byte> data = stackalloc byte[SenseData.MaxLength];
            int length = current().Write(data, descriptorFormat: (command.Cdb[1] & 0x01) != 0);
            return command.Reply(data[..length]);
        },
    };

    /// <summary>
    /// SEND DIAGNOSTIC (SPC-4 section 6.42) with the default self-test only: no diagnostic pages, no background tests. DEVOFFL and UNITOFFL permit
    /// what the test does not need.
    /// </summary>
    /// <param name="selfTest">The default self-test.</param>
    public static CommandDescriptor SendDiagnostic(CommandHandler selfTest) => new()
    {
        OperationCode = OpCode.SendDiagnostic,
        Name = "SEND DIAGNOSTIC",
        UsageMask = CdbMask.Of("1D 07 00 0000 00"),
        Serialization = SerializationClass.Exclusive,
        Handler = command => (command.Cdb[1] & 0x04) != 0 ? selfTest(command) : default,
    };
}
