using TgtModular.Scsi;

namespace TgtModular.Devices;

/// <summary>Runs a command. Never throws for anything expected; a thrown exception is answered with INTERNAL TARGET FAILURE and counted against the plugin.</summary>
public delegate ValueTask<ScsiOutcome> CommandHandler(ScsiCommand command);

/// <summary>
/// Runs a command without blocking, if that is possible: on a receive loop, in place of a worker thread. As <see cref="CommandHandler"/>, it never throws for
/// anything expected.
/// </summary>
/// <returns>False when it is not possible; then <see cref="CommandDescriptor.Handler"/> runs the command from the beginning, on a worker thread.</returns>
public delegate bool ImmediateHandler(ScsiCommand command, out ScsiOutcome outcome);

/// <summary>Checks a command before a buffer is granted and data asked for (address range, protection, write protection).</summary>
/// <returns>True when it may run; false with the outcome to answer.</returns>
public delegate bool CommandCheck(ScsiCommand command, out ScsiOutcome refusal);

/// <summary>Bytes that a CDB asks to transfer.</summary>
/// <param name="Out">Data-Out.</param>
/// <param name="In">Data-In, at most (allocation length).</param>
public readonly record struct DataLengths(long Out, long In);

/// <summary>Computes a command's data lengths from its CDB.</summary>
public delegate DataLengths DataLengthRule(ReadOnlySpan<byte> cdb);

/// <summary>Says something of a CDB.</summary>
public delegate bool CdbCondition(ReadOnlySpan<byte> cdb);

/// <summary>How a command orders itself against others in the task set, simple attribute or not.</summary>
public enum SerializationClass : byte
{
    /// <summary>Runs beside everything.</summary>
    Concurrent,

    /// <summary>Reads the medium.</summary>
    Read,

    /// <summary>Writes the medium.</summary>
    Write,

    /// <summary>Runs alone: changes the state that others run under (MODE SELECT, START STOP UNIT, FORMAT UNIT, all of a tape).</summary>
    Exclusive,
}

/// <summary>What a reservation of another nexus means for a command (SPC-5 section 5.14.1, tables of each command standard).</summary>
public enum ReservationRule : byte
{
    /// <summary>Never conflicts (INQUIRY, REPORT LUNS, REQUEST SENSE).</summary>
    Allowed,

    /// <summary>Conflicts under exclusive access.</summary>
    Read,

    /// <summary>Conflicts under write exclusive and exclusive access.</summary>
    Write,

    /// <summary>Conflicts under RESERVE of another nexus only (TEST UNIT READY); the persistent reservation commands decide the rest themselves.</summary>
    Managed,
}

/// <summary>What a pending unit attention means for a command (SAM-5 section 5.14).</summary>
public enum UnitAttentionRule : byte
{
    /// <summary>It is reported instead of running the command.</summary>
    Report,

    /// <summary>The command runs and leaves it pending (INQUIRY, REPORT LUNS).</summary>
    Ignore,

    /// <summary>The command returns it as its data and clears it (REQUEST SENSE).</summary>
    Deliver,
}

/// <summary>
/// One operation code, or one service action of it. The core validates the CDB, checks reservations, grants buffers and answers REPORT SUPPORTED
/// OPERATION CODES from this row: what has no row does not exist.
/// </summary>
public sealed record CommandDescriptor
{
    private static readonly DataLengthRule NoData = _ => default;

    /// <summary>OPERATION CODE.</summary>
    public required byte OperationCode { get; init; }

    /// <summary>SERVICE ACTION; null when the operation code has none.</summary>
    public int? ServiceAction { get; init; }

    /// <summary>Name in the standard, upper case.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// CDB usage data (SPC-5 section 6.35.3): a one for every bit that is looked at, as long as the CDB; byte 0, the service action field and the
    /// additional length of a variable length CDB are filled in by <see cref="CommandTable"/>. A CDB with another bit set is refused with a field pointer.
    /// </summary>
    public required ReadOnlyMemory<byte> UsageMask { get; init; }

    /// <summary>
    /// Bits that are accepted though they are not looked at, where the standard says that a field shall be ignored; not reported. As long as
    /// <see cref="UsageMask"/>, or empty.
    /// </summary>
    public ReadOnlyMemory<byte> IgnoredMask { get; init; }

    /// <summary>Which buffers it uses.</summary>
    public DataDirection Direction { get; init; }

    /// <summary>Its data lengths.</summary>
    public DataLengthRule DataLength { get; init; } = NoData;

    /// <summary>Ordering.</summary>
    public SerializationClass Serialization { get; init; }

    /// <summary>Reservations.</summary>
    public ReservationRule Reservation { get; init; } = ReservationRule.Write;

    /// <summary>
    /// True for CDBs that no reservation forbids, whatever the rule (START STOP UNIT that starts, PREVENT ALLOW that allows); null for none.
    /// </summary>
    public CdbCondition? ReservationExemption { get; init; }

    /// <summary>Unit attentions.</summary>
    public UnitAttentionRule UnitAttention { get; init; }

    /// <summary>True when it needs a ready medium: else <see cref="IDeviceServer.CheckReady"/> is asked first.</summary>
    public bool NeedsMedium { get; init; }

    /// <summary>Checks before buffers are granted; null for none.</summary>
    public CommandCheck? Check { get; init; }

    /// <summary>Runs it.</summary>
    public required CommandHandler Handler { get; init; }

    /// <summary>Tries it first where <see cref="Handler"/> would have to run on a worker thread; null when that never succeeds.</summary>
    public ImmediateHandler? Immediate { get; init; }
}
