using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Core.Commands;

/// <summary>The checks that stand before every command, in the order of SAM-5 section 5.14 and SPC-5 section 5.14.1.</summary>
internal static class Gateway
{
    /// <summary>May the command run?</summary>
    /// <returns>False with the outcome to answer.</returns>
    public static bool Admit(CoreCommand command, out ScsiOutcome refusal)
    {
        CommandDescriptor descriptor = command.Descriptor!;
        refusal = default;
        if (command.UnitNexus is { HasUnitAttention: true } attentive && descriptor.UnitAttention == UnitAttentionRule.Report &&
            attentive.TryTakeUnitAttention(out SenseData attention))
        {
            refusal = attention;
            return false;
        }

        if (command.UnitNexus is { Unit.FencedBy: not null } && descriptor.UnitAttention == UnitAttentionRule.Report)
        {
            refusal = Sense.NotReady(AdditionalSense.ManualInterventionRequired);
            return false;
        }

        if (!CommandTable.IsAcceptable(descriptor, command.Cdb, out SenseData illegal))
        {
            refusal = illegal;
            return false;
        }

        // From here on the lengths are known, and with them the residuals of a refusal.
        command.Measure();
        if (command.UnitNexus is not { } unitNexus) return descriptor.Check is null || descriptor.Check(command, out refusal);

        if (unitNexus.Unit.Reservations.Conflicts(unitNexus, descriptor, command.Cdb))
        {
            refusal = ScsiOutcome.Of(ScsiStatus.ReservationConflict);
            return false;
        }

        if (descriptor.NeedsMedium && !unitNexus.Unit.Server.CheckReady(out SenseData notReady))
        {
            refusal = notReady;
            return false;
        }

        return descriptor.Check is null || descriptor.Check(command, out refusal);
    }

    /// <summary>A transfer longer than the engine grants: the pointer names the CDB's length field as far as it is known.</summary>
    public static ScsiOutcome TransferTooLong(CommandDescriptor descriptor) => descriptor.UsageMask.Length switch
    {
        6 => Sense.InvalidFieldInCdb(4),
        10 => Sense.InvalidFieldInCdb(7),
        12 => Sense.InvalidFieldInCdb(6),
        16 => Sense.InvalidFieldInCdb(10),
        _ => Sense.Illegal(AdditionalSense.InvalidFieldInCdb),
    };

    /// <summary>What a failed Data-Out transfer means for its command.</summary>
    public static ScsiOutcome ToOutcome(DataOutResult result) => result switch
    {
        DataOutResult.Arrived => ScsiOutcome.Good,
        DataOutResult.DigestError => Sense.ProtocolServiceCrcError,
        DataOutResult.UnexpectedUnsolicited => Sense.UnexpectedUnsolicitedData,
        DataOutResult.NotEnoughUnsolicited => Sense.NotEnoughUnsolicitedData,
        _ => Sense.DataPhaseError,
    };
}
