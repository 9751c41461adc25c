namespace TgtModular.Scsi;

/// <summary>How a command ended: its status and, with CHECK CONDITION, its sense data.</summary>
/// <param name="Status">The status.</param>
/// <param name="Sense">Meaningful with <see cref="ScsiStatus.CheckCondition"/>.</param>
public readonly record struct ScsiOutcome(ScsiStatus Status, SenseData Sense)
{
    /// <summary>GOOD.</summary>
    public static ScsiOutcome Good => default;

    /// <summary>CHECK CONDITION with <paramref name="sense"/>.</summary>
    public static ScsiOutcome Check(SenseData sense) => new(ScsiStatus.CheckCondition, sense);

    /// <summary>A status that carries no sense data.</summary>
    public static ScsiOutcome Of(ScsiStatus status) => new(status, default);

    /// <summary>True for GOOD and CONDITION MET.</summary>
    public bool IsGood => Status is ScsiStatus.Good or ScsiStatus.ConditionMet;

    /// <summary>CHECK CONDITION with <paramref name="sense"/>.</summary>
    public static implicit operator ScsiOutcome(SenseData sense) => Check(sense);

    /// <summary>The named alternative of the conversion.</summary>
    public static ScsiOutcome FromSenseData(SenseData sense) => Check(sense);

    /// <summary>A completed task with this outcome.</summary>
    public ValueTask<ScsiOutcome> AsTask() => new(this);

    /// <summary>Status and sense, for logs.</summary>
    public override string ToString() => Status == ScsiStatus.CheckCondition ? $"{Status} {Sense}" : Status.ToString();
}
