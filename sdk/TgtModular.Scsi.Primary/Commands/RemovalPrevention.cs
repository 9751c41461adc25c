using TgtModular.Devices;

namespace TgtModular.Scsi.Primary;

/// <summary>PREVENT ALLOW MEDIUM REMOVAL (SPC-4 section 6.15): removal is prevented while at least one nexus prevents it.</summary>
public sealed class RemovalPrevention
{
    private readonly Lock _gate = new();
    private readonly HashSet<INexusView> _preventing = new(ReferenceEqualityComparer.Instance);

    /// <summary>True while a nexus prevents removal.</summary>
    public bool IsPrevented
    {
        get
        {
            lock (_gate) return _preventing.Count > 0;
        }
    }

    /// <summary>The nexus is gone.</summary>
    public void Forget(INexusView nexus)
    {
        lock (_gate) _preventing.Remove(nexus);
    }

    /// <summary>A reset ends all prevention.</summary>
    public void Reset()
    {
        lock (_gate) _preventing.Clear();
    }

    /// <summary>The row of the command.</summary>
    public CommandDescriptor Row() => new()
    {
        OperationCode = OpCode.PreventAllowMediumRemoval,
        Name = "PREVENT ALLOW MEDIUM REMOVAL",
        UsageMask = CdbMask.Of("1E 000000 03 00"),
        Serialization = SerializationClass.Exclusive,
        ReservationExemption = cdb => (cdb[4] & 0x03) == 0, // to allow removal is open to all
        Check = HasKnownValue,
        Handler = Run,
    };

    private static bool HasKnownValue(ScsiCommand command, out ScsiOutcome refusal)
    {
        refusal = (command.Cdb[4] & 0x02) == 0 ? ScsiOutcome.Good : Sense.InvalidFieldInCdb(4, 1);
        return refusal.IsGood;
    }

    private ValueTask<ScsiOutcome> Run(ScsiCommand command)
    {
        lock (_gate)
        {
            if ((command.Cdb[4] & 0x01) != 0) _preventing.Add(command.Nexus);
            else _preventing.Remove(command.Nexus);
        }

        return default;
    }
}
