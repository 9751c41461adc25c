using TgtModular.Core.Commands;
using TgtModular.Core.Nexuses;
using TgtModular.Core.Reservations;
using TgtModular.Scsi;

namespace TgtModular.Core.Units;

/// <summary>An I_T_L nexus: what a logical unit keeps for one I_T nexus.</summary>
internal sealed class UnitNexus
{
    private readonly List<AdditionalSense> _attentions = [];
    private volatile bool _hasUnitAttention;

    public UnitNexus(LogicalUnit unit, Nexus nexus, Lun lun)
    {
        Unit = unit;
        Nexus = nexus;
        Lun = lun;
        Name = new NexusName(nexus.Initiator, nexus.TargetPort.PortName);
        // The first command through a new nexus learns that it is new (SAM-5 section 6.3.1).
        Establish(AdditionalSense.PowerOnResetOrBusDeviceReset);
    }

    public LogicalUnit Unit { get; }

    public Nexus Nexus { get; }

    public Lun Lun { get; }

    /// <summary>What reservations know the nexus by.</summary>
    public NexusName Name { get; }

    /// <summary>What the reservations said of the nexus when they were last asked.</summary>
    public AccessRight? AccessRight { get; set; }

    public CommandCounters Counters { get; } = new();

    public bool HasUnitAttention => _hasUnitAttention;

    public void Establish(AdditionalSense additional)
    {
        lock (_attentions)
        {
            if (_attentions.Contains(additional)) return;
            // A reset says all that older conditions said (SAM-5 section 5.14.6).
            if (additional.Code == AdditionalSense.PowerOnResetOrBusDeviceReset.Code) _attentions.Clear();
            _attentions.Add(additional);
            _hasUnitAttention = true;
        }
    }

    /// <summary>Takes the oldest unit attention.</summary>
    public bool TryTakeUnitAttention(out SenseData sense)
    {
        lock (_attentions)
        {
            sense = default;
            if (_attentions.Count == 0) return false;
            sense = Sense.UnitAttention(_attentions[0]);
            _attentions.RemoveAt(0);
            _hasUnitAttention = _attentions.Count > 0;
            return true;
        }
    }

    /// <summary>The oldest unit attention, which stays.</summary>
    public bool TryPeekUnitAttention(out SenseData sense)
    {
        lock (_attentions)
        {
            sense = _attentions.Count == 0 ? default : Sense.UnitAttention(_attentions[0]);
            return _attentions.Count > 0;
        }
    }

    /// <summary>Takes a unit attention back that its cause has made moot.</summary>
    public void Clear(AdditionalSense additional)
    {
        lock (_attentions)
        {
            _attentions.Remove(additional);
            _hasUnitAttention = _attentions.Count > 0;
        }
    }

    public void Count(CoreCommand command) => Counters.Count(command);
}
