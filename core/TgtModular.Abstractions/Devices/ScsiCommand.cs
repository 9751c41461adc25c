using TgtModular.Buffers;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Devices;

/// <summary>
/// One SCSI command from its arrival to its answer; pooled. The transport fills the request, the core the grant, the device server the result.
/// Each part is written only by its owner and only while the command is with it.
/// </summary>
public class ScsiCommand
{
    /// <summary>Longest CDB: 8 bytes of header and 252 of additional length (SPC-5 section 4.2.3).</summary>
    public const int MaxCdbLength = 260;

    private readonly byte[] _cdb = new byte[MaxCdbLength];
    private int _cdbLength;

    // ---- request: written by the transport before it submits ----

    /// <summary>The CDB.</summary>
    public ReadOnlySpan<byte> Cdb => _cdb.AsSpan(0, _cdbLength);

    /// <summary>The addressed logical unit.</summary>
    public Lun Lun { get; set; }

    /// <summary>Command identifier, unique within the nexus while the command lives.</summary>
    public ulong Tag { get; set; }

    /// <summary>Task attribute.</summary>
    public TaskAttribute Attribute { get; set; }

    /// <summary>Bytes of Data-Out that the initiator announced.</summary>
    public long ExpectedDataOut { get; set; }

    /// <summary>Bytes of Data-In that the initiator expects at most.</summary>
    public long ExpectedDataIn { get; set; }

    /// <summary>Who moves the data and answers the initiator.</summary>
    public ICommandTransport Transport { get; set; } = null!;

    /// <summary>The transport's own record of the command.</summary>
    public object? TransportState { get; set; }

    // ---- grant: written by the core before the handler runs ----

    /// <summary>The nexus it came through.</summary>
    public INexusView Nexus { get; protected set; } = null!;

    /// <summary>The command's row in the table.</summary>
    public CommandDescriptor? Descriptor { get; protected set; }

    /// <summary>
    /// The Data-Out, whole before the handler runs. Shorter than the CDB asks when the initiator announced less: then only what is here may be used.
    /// </summary>
    public DataSlice DataOut { get; protected set; }

    /// <summary>Room for the Data-In: as much as the CDB allows, even where the initiator expects less.</summary>
    public DataSlice DataIn { get; protected set; }

    /// <summary>Cancelled when the command is aborted: long work looks at it, and may end early with any outcome.</summary>
    public virtual CancellationToken Aborted => CancellationToken.None;

    // ---- result: written by the handler (data length) and the core (status, sense) ----

    /// <summary>Valid bytes of <see cref="DataIn"/>, from its start. Set it, or call <see cref="Reply"/>.</summary>
    public int DataInLength { get; set; }

    /// <summary>How the command ended.</summary>
    public ScsiOutcome Outcome { get; protected set; }

    /// <summary>Bytes of Data-Out that the CDB asks for.</summary>
    public long WantedDataOut { get; protected set; }

    /// <summary>Valid Data-In bytes that go to the initiator: never more than it expects.</summary>
    public int SentDataIn => (int)Math.Min(DataInLength, ExpectedDataIn);

    /// <summary>Data-In residual (SAM-5 section 5.4.3): positive when less was sent than expected, negative when more was there.</summary>
    public long ResidualIn => ExpectedDataIn - DataInLength;

    /// <summary>Data-Out residual: positive when the initiator announced more than the command took, negative when less.</summary>
    public long ResidualOut => ExpectedDataOut - WantedDataOut;

    /// <summary>Sense data in the unit's format; empty unless the status is CHECK CONDITION.</summary>
    public virtual ReadOnlySpan<byte> SenseBytes => default;

    /// <summary>Copies the CDB in.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Empty, or longer than <see cref="MaxCdbLength"/>.</exception>
    public void SetCdb(ReadOnlySpan<byte> cdb)
    {
        ArgumentOutOfRangeException.ThrowIfZero(cdb.Length, nameof(cdb));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(cdb.Length, MaxCdbLength, nameof(cdb));
        cdb.CopyTo(_cdb);
        _cdbLength = cdb.Length;
    }

    /// <summary>Copies a finished parameter list into the Data-In, cut off at its room; the handlers' usual way to answer.</summary>
    /// <param name="data">All that could be said; its length beyond the allocation length is not an error (SPC-5 section 4.2.5.6).</param>
    /// <returns>GOOD.</returns>
    public ValueTask<ScsiOutcome> Reply(ReadOnlySpan<byte> data)
    {
        int length = Math.Min(data.Length, DataIn.Length);
        DataIn.Slice(0, length).CopyFrom(data[..length]);
        DataInLength = length;
        return default;
    }

    /// <summary>The transport calls this once, when it has answered or dropped the command and touches neither it nor its data any more.</summary>
    public virtual void Release() => Clear();

    /// <summary>Forgets everything of the last use.</summary>
    protected void Clear()
    {
        _cdbLength = 0;
        Lun = default;
        Tag = 0;
        Attribute = TaskAttribute.Untagged;
        ExpectedDataOut = 0;
        ExpectedDataIn = 0;
        Transport = null!;
        TransportState = null;
        Nexus = null!;
        Descriptor = null;
        DataOut = default;
        DataIn = default;
        DataInLength = 0;
        Outcome = default;
        WantedDataOut = 0;
    }
}
