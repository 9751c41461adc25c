using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Scsi.Primary;

namespace TgtModular.TestKit.Tests.Seeded;

/// <summary>Device types, each wrong in one thing.</summary>
internal static class WrongDevices
{
    public sealed class HasNoRequestSense(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) => right.Where(row => row.OperationCode != OpCode.RequestSense);
    }

    public sealed class ReportsLunsItself(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) =>
            [.. right, new() { OperationCode = OpCode.ReportLuns, Name = "REPORT LUNS", UsageMask = CdbMask.Of("A0 00 FF 000000 FFFFFFFF 00 00"), Handler = _ => default }];
    }

    public sealed class HasAShortCdb(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) =>
            Change(right, OpCode.LogSense, row => row with { UsageMask = row.UsageMask[..7] });
    }

    public sealed class GivesDataItDoesNotAnnounce(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) =>
            Change(right, OpCode.Inquiry, row => row with { Direction = DataDirection.None });
    }

    public sealed class AcceptsAReservedBit(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) =>
            Change(right, OpCode.TestUnitReady, row => row with { UsageMask = CdbMask.Of("00 01 000000 00") });
    }

    public sealed class AcceptsWhatSpc2Had(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) =>
            Change(right, OpCode.Inquiry, row => row with { UsageMask = CdbMask.Of("12 03 FF FFFF 00") });
    }

    public sealed class HasARowAndNoCommand(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) =>
            [.. right, new() { OperationCode = 0x3B, Name = "WRITE BUFFER", UsageMask = new byte[10], Handler = _ => ScsiOutcome.Check(Sense.InvalidOperationCode).AsTask() }];
    }

    public sealed class HasARowThatThrows(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) =>
            [.. right, new() { OperationCode = 0x3B, Name = "WRITE BUFFER", UsageMask = new byte[10], Handler = _ => throw new NotImplementedException() }];
    }

    public sealed class RefusesABitWithoutSaying(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) => Change(right, OpCode.RequestSense, row => row with
        {
            Handler = command => (command.Cdb[1] & 0x01) != 0 ? ScsiOutcome.Check(default).AsTask() : row.Handler(command),
        });
    }

    public sealed class HasAWrongInquiryLength(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) => ChangeData(right, OpCode.Inquiry, (command, data) =>
        {
            if ((command.Cdb[1] & 1) == 0 && data.Length > 4) data[4]++;
        });
    }

    public sealed class ShortensTheLengthWithTheData(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) => ChangeData(right, OpCode.Inquiry, (command, data) =>
        {
            if ((command.Cdb[1] & 1) == 0 && data.Length > 4) data[4] = (byte)(data.Length - 5);
        });
    }

    public sealed class IgnoresAPageCodeWithoutEvpd(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) => Change(right, OpCode.Inquiry, row => row with
        {
            Handler = async command =>
            {
                ScsiOutcome outcome = await row.Handler(command);
                return (command.Cdb[1] & 1) == 0 ? ScsiOutcome.Good : outcome;
            },
        });
    }

    public sealed class HasAWrongPageLength(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) => ChangeData(right, OpCode.Inquiry, (command, data) =>
        {
            if ((command.Cdb[1] & 1) != 0 && data.Length > 3) data[3] += 4;
        });
    }

    public sealed class AlwaysAnswersFixedSense(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) => Change(right, OpCode.RequestSense, row => row with
        {
            Handler = command =>
            {
                byte[] data = new byte[SenseData.MaxLength];
                return command.Reply(data.AsSpan(0, Sense.None.Write(data, descriptorFormat: false)));
            },
        });
    }

    public sealed class RefusesToSayWhetherItIsReady(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) =>
            Change(right, OpCode.TestUnitReady, row => row with { Handler = _ => ScsiOutcome.Check(Sense.InvalidFieldInCdb(0)).AsTask() });
    }

    public sealed class HasAWrongModeLength(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) => ChangeData(right, OpCode.ModeSense10, (_, data) =>
        {
            if (data.Length > 9) data[9]++;
        });
    }

    public sealed class AnswersLogPagesItHasNot(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) => Change(right, OpCode.LogSense, row => row with
        {
            Handler = command => (command.Cdb[2] & 0x3F) == 0x2F ? command.Reply([0x2F, 0, 0, 0]) : row.Handler(command),
        });
    }

    public sealed class SaysNothingOfItsGeometry(DeviceServerContext context) : SeededDevice(context)
    {
        protected override bool PublishesGeometry => false;
    }

    public sealed class HangsWhenAborted(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) => Change(right, OpCode.RequestSense, row => row with
        {
            Handler = command => command.Aborted.IsCancellationRequested ? new(new TaskCompletionSource<ScsiOutcome>().Task) : row.Handler(command),
        });
    }

    public sealed class ChangesWithAReset(DeviceServerContext context) : SeededDevice(context)
    {
        private byte _resets;

        public override void Reset() => _resets++;

        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) => ChangeData(right, OpCode.Inquiry, (_, data) =>
        {
            if (data.Length > 40) data[40] = _resets;
        });
    }

    public sealed class EstablishesWhatIsNoAttention(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) => ChangeData(right, OpCode.LogSense, (_, _) =>
            Unit.EstablishUnitAttention(AdditionalSense.InvalidFieldInCdb));
    }

    public sealed class NamesNoNexusForAnAttention(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) => ChangeData(right, OpCode.LogSense, (_, _) =>
            Unit.EstablishUnitAttention(AdditionalSense.ModeParametersChanged, UnitAttentionScope.AllButOne));
    }

    public sealed class LeaksABuffer(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) => ChangeData(right, OpCode.TestUnitReady, (_, _) =>
            _ = Host.Buffers.TryRent(512, "leaked"));
    }

    public sealed class SaysMoreThanThereIsRoomFor(DeviceServerContext context) : SeededDevice(context)
    {
        protected override IEnumerable<CommandDescriptor> Rows(IReadOnlyList<CommandDescriptor> right) => Change(right, OpCode.Inquiry, row => row with
        {
            Handler = async command =>
            {
                ScsiOutcome outcome = await row.Handler(command);
                if (outcome.IsGood) command.DataInLength = 96;
                return outcome;
            },
        });
    }
}
