using TgtModular.Devices;
using TgtModular.Iscsi.Output;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Tasks;

/// <summary>
/// One SCSI command of a connection, from its PDU to the last byte of its answer. Pooled by <see cref="TaskTable"/>. The receive loop fills it; after
/// submission the Data-Out part is guarded by <see cref="DataOutTransfer"/>'s lock and the answer belongs to the pump.
/// </summary>
internal sealed class CommandTask : Outbound
{
    private readonly TaskTable _table;
    private volatile bool _answered;
    private bool _dropped;

    public CommandTask(TaskTable table, CommandPath path)
    {
        _table = table;
        DataOut = new DataOutTransfer(this, path);
    }

    /// <summary>Next in the table's bucket.</summary>
    public CommandTask? NextInBucket { get; set; }

    /// <summary>Initiator Task Tag.</summary>
    public uint Tag { get; private set; }

    /// <summary>CmdSN it came with.</summary>
    public uint CmdSN { get; private set; }

    /// <summary>I bit: it took no CmdSN.</summary>
    public bool IsImmediate { get; private set; }

    /// <summary>R and W of the PDU.</summary>
    public ScsiCommandFlags Direction { get; private set; }

    /// <summary>The engine's command; null when it was released.</summary>
    public ScsiCommand? Command { get; private set; }

    /// <summary>Its Data-Out.</summary>
    public DataOutTransfer DataOut { get; }

    /// <summary>R2T and Data-In PDUs so far: both share one numbering (RFC 7143 section 4.2.2.4).</summary>
    public uint DataSN { get; set; }

    /// <summary>Bytes of Data-In written so far.</summary>
    public int SentBytes { get; set; }

    /// <summary>True once the answer is written or the command dropped: the initiator may use the tag again, and data for it is stale.</summary>
    public bool IsAnswered => _answered;

    /// <summary>Begins a new command.</summary>
    public void Begin(in ScsiCommandHeader header, ScsiCommand command)
    {
        Tag = header.InitiatorTaskTag;
        CmdSN = header.Sequence.CmdSN;
        IsImmediate = header.Basic.IsImmediate;
        Direction = header.Flags & (ScsiCommandFlags.Read | ScsiCommandFlags.Write);
        Command = command;
        DataSN = 0;
        SentBytes = 0;
        _answered = false;
        _dropped = false;
    }

    /// <summary>The command was dropped and released: when the pump sees the task, it only takes it back.</summary>
    public void MarkDropped()
    {
        Command = null;
        _dropped = true;
        _answered = true;
    }

    public override bool TryWrite(PduWriter writer)
    {
        if (_dropped)
        {
            if (!IsImmediate) writer.Window.Open();
            return true;
        }

        if (!CommandAnswer.TryWrite(this, writer)) return false;
        _answered = true;
        return true;
    }

    public override void Sent()
    {
        ScsiCommand? command = Command;
        Command = null;
        _answered = true;
        command?.Release();
        _table.Retire(this);
    }
}
