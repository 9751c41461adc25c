using TgtModular.Devices;

namespace TgtModular.Scsi.Primary;

/// <summary>
/// Whether the medium of a disk can be reached: started or stopped, inserted or ejected, online or taken offline by an administrator; with START
/// STOP UNIT (SBC-3 section 5.24).
/// </summary>
/// <remarks>
/// Nothing turns in a virtual disk. A fixed unit that is stopped is not ready until it is started. A removable one has only its medium to give up:
/// stopping it without LOEJ writes the cache back and leaves it ready. Power conditions make no difference: they are accepted and START and LOEJ
/// are then ignored, as the standard says. IMMED is met by being done before the status.
/// </remarks>
/// <param name="unit">Told when the medium may have changed.</param>
/// <param name="prevention">Who prevents removal.</param>
/// <param name="writeBack">Writes the cache back before the medium is given up.</param>
public sealed class MediumAccess(ILogicalUnit unit, RemovalPrevention prevention, CommandHandler writeBack)
{
    private const byte Start = 0x01;
    private const byte LoadEject = 0x02;
    private const byte NoFlush = 0x04;

    private volatile bool _stopped;
    private volatile bool _ejected;
    private volatile bool _offline;
    private volatile bool _removable;

    /// <summary>The medium is removable; one that no longer is, is in.</summary>
    public bool Removable
    {
        get => _removable;
        set
        {
            _removable = value;
            if (!value) _ejected = false;
        }
    }

    /// <summary>Taken offline by an administrator.</summary>
    public bool Offline
    {
        get => _offline;
        set
        {
            if (_offline == value) return;
            _offline = value;
            if (!value) unit.EstablishUnitAttention(AdditionalSense.MediumMayHaveChanged);
        }
    }

    /// <summary>A medium is there, and no administrator took it away.</summary>
    public bool HasMedium => !(_offline | _ejected);

    /// <summary>True when nothing keeps medium access commands back.</summary>
    public bool CheckReady(out SenseData notReady)
    {
        notReady = default;
        if (!(_offline | _ejected | _stopped)) return true;
        if (_offline) notReady = _removable ? Sense.MediumNotPresent : Sense.NotReady(AdditionalSense.LogicalUnitOffline);
        else notReady = _ejected ? Sense.MediumNotPresent : Sense.InitializingCommandRequired;
        return false;
    }

    /// <summary>A reset starts the unit; it does not insert a medium.</summary>
    public void Reset() => _stopped = false;

    /// <summary>The row of START STOP UNIT.</summary>
    public CommandDescriptor Row() => new()
    {
        OperationCode = OpCode.StartStopUnit,
        Name = "START STOP UNIT",
        UsageMask = CdbMask.Of("1B 01 00 00 F7 00"),
        Serialization = SerializationClass.Exclusive,
        ReservationExemption = cdb => (cdb[4] & ~NoFlush) == Start, // to start the unit is open to all
        Handler = RunAsync,
    };

    private async ValueTask<ScsiOutcome> RunAsync(ScsiCommand command)
    {
        byte flags = command.Cdb[4];
        if (flags >> 4 != 0) return ScsiOutcome.Good;
        bool start = (flags & Start) != 0;
        if ((flags & LoadEject) == 0) return start ? StartUnit() : await StopAsync(command, (flags & NoFlush) == 0);
        if (!_removable) return Sense.InvalidFieldInCdb(4, 1);
        return start ? Load(command.Nexus) : await EjectAsync(command);
    }

    private ScsiOutcome StartUnit()
    {
        if (_ejected) return Sense.MediumNotPresent;
        _stopped = false;
        return ScsiOutcome.Good;
    }

    private async ValueTask<ScsiOutcome> StopAsync(ScsiCommand command, bool flush)
    {
        if (flush && !_ejected)
        {
            ScsiOutcome outcome = await writeBack(command);
            if (!outcome.IsGood) return outcome;
        }

        _stopped = !_removable;
        return ScsiOutcome.Good;
    }

    private ScsiOutcome Load(INexusView nexus)
    {
        if (!_ejected) return ScsiOutcome.Good;
        if (prevention.IsPrevented) return Sense.MediumRemovalPrevented;
        _ejected = false;
        _stopped = false;
        unit.EstablishUnitAttention(AdditionalSense.MediumMayHaveChanged, UnitAttentionScope.AllButOne, nexus);
        return ScsiOutcome.Good;
    }

    private async ValueTask<ScsiOutcome> EjectAsync(ScsiCommand command)
    {
        if (prevention.IsPrevented) return Sense.MediumRemovalPrevented;
        if (_ejected) return ScsiOutcome.Good;
        ScsiOutcome outcome = await writeBack(command);
        if (outcome.IsGood) _ejected = true;
        return outcome;
    }
}
