using TgtModular.Plugins;
using TgtModular.Transports;

namespace TgtModular.Core.Configuration;

/// <summary>A SCSI target device.</summary>
/// <param name="Key">Names it in the control plane: <c>name</c> of the target, or else its name in its first transport.</param>
public sealed record TargetSpec(string Key)
{
    /// <summary>The transports it is seen through; one entry per transport.</summary>
    public ValueList<TargetTransportSpec> Transports { get; init; } = [];

    /// <summary>Who may log in.</summary>
    public AccessRules Access { get; init; } = AccessRules.Nobody;

    /// <summary>How initiators prove who they are.</summary>
    public ChapSpec Chap { get; init; } = ChapSpec.None;

    /// <summary>The LUN map. Of several entries with one number the first that applies to an initiator counts.</summary>
    public ValueList<LunSpec> Luns { get; init; } = [];

    /// <summary>False: it exists but admits nobody.</summary>
    public bool Online { get; init; } = true;

    /// <summary>Serial number of the controller at LUN 0; null: the engine gives one. Only of targets made at run time.</summary>
    public string? ControllerSerial { get; init; }

    /// <summary>T10 identifier of the controller at LUN 0; null: the engine gives one. Only of targets made at run time.</summary>
    public string? ControllerScsiId { get; init; }
}

/// <summary>A target in one transport.</summary>
/// <param name="Transport">Name of the transport in the configuration.</param>
/// <param name="TargetName">Name of the target there, normalised by the transport.</param>
/// <param name="Options">Options by <see cref="ITransportFactory.TargetOptions"/>.</param>
public sealed record TargetTransportSpec(string Transport, string TargetName, OptionValues Options);

/// <summary>One entry of a LUN map.</summary>
/// <param name="Number">The logical unit number, 0 to <see cref="Scsi.Lun.MaxNumber"/>.</param>
/// <param name="Unit">Name of the unit.</param>
/// <param name="Initiators">Initiators that see it; none named: all.</param>
public sealed record LunSpec(int Number, string Unit, ValueList<NamePattern> Initiators)
{
    /// <summary>An entry for every initiator.</summary>
    public LunSpec(int number, string unit)
        : this(number, unit, [])
    {
    }

    /// <summary>True when the initiator sees the entry.</summary>
    public bool AppliesTo(InitiatorIdentity initiator)
    {
        ArgumentNullException.ThrowIfNull(initiator);
        if (Initiators.Count == 0) return true;
        foreach (NamePattern pattern in Initiators)
        {
            if (pattern.Matches(initiator.Name)) return true;
        }

        return false;
    }
}
