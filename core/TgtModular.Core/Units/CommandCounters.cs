using TgtModular.Core.Control;
using TgtModular.Devices;
using TgtModular.Scsi;

namespace TgtModular.Core.Units;

/// <summary>Counters of finished commands; read at any time, each value by itself exact.</summary>
public sealed class CommandCounters
{
    private long _readCommands;
    private long _readBytes;
    private long _writeCommands;
    private long _writeBytes;
    private long _otherCommands;
    private long _errors;
    private long _inCommands;
    private long _inRequested;
    private long _inBytes;
    private long _outCommands;
    private long _outRequested;
    private long _outBytes;
    private long _failures;

    /// <summary>Commands that read the medium.</summary>
    public long ReadCommands => Volatile.Read(ref _readCommands);

    /// <summary>Bytes they returned.</summary>
    public long ReadBytes => Volatile.Read(ref _readBytes);

    /// <summary>Commands that wrote the medium.</summary>
    public long WriteCommands => Volatile.Read(ref _writeCommands);

    /// <summary>Bytes they took.</summary>
    public long WriteBytes => Volatile.Read(ref _writeBytes);

    /// <summary>All other commands.</summary>
    public long OtherCommands => Volatile.Read(ref _otherCommands);

    /// <summary>Commands that ended with another status than GOOD or CONDITION MET; unit attentions do not count.</summary>
    public long Errors => Volatile.Read(ref _errors);

    /// <summary>Commands by the direction of their data.</summary>
    public TransferStatistics Transfers => new(
        Volatile.Read(ref _inCommands), Volatile.Read(ref _inRequested), Volatile.Read(ref _inBytes),
        Volatile.Read(ref _outCommands), Volatile.Read(ref _outRequested), Volatile.Read(ref _outBytes), Volatile.Read(ref _failures));

    internal void Count(ScsiCommand command)
    {
        ScsiOutcome outcome = command.Outcome;
        CountTransfer(command, outcome);
        if (!outcome.IsGood && !(outcome.Status == ScsiStatus.CheckCondition && outcome.Sense.Key == SenseKey.UnitAttention))
            Interlocked.Increment(ref _errors);
        switch (command.Descriptor?.Serialization)
        {
            case SerializationClass.Read:
                Interlocked.Increment(ref _readCommands);
                Interlocked.Add(ref _readBytes, command.SentDataIn);
                break;
            case SerializationClass.Write:
                Interlocked.Increment(ref _writeCommands);
                Interlocked.Add(ref _writeBytes, outcome.IsGood ? command.DataOut.Length : 0);
                break;
            default:
                Interlocked.Increment(ref _otherCommands);
                break;
        }
    }

    private void CountTransfer(ScsiCommand command, ScsiOutcome outcome)
    {
        if (!outcome.IsGood) Interlocked.Increment(ref _failures);
        if (command.ExpectedDataIn > 0)
        {
            Interlocked.Increment(ref _inCommands);
            Interlocked.Add(ref _inRequested, command.ExpectedDataIn);
            Interlocked.Add(ref _inBytes, command.SentDataIn);
        }

        if (command.ExpectedDataOut <= 0) return;
        Interlocked.Increment(ref _outCommands);
        Interlocked.Add(ref _outRequested, command.ExpectedDataOut);
        Interlocked.Add(ref _outBytes, outcome.IsGood ? command.DataOut.Length : 0);
    }

    internal void Add(CommandCounters other)
    {
        Interlocked.Add(ref _readCommands, other.ReadCommands);
        Interlocked.Add(ref _readBytes, other.ReadBytes);
        Interlocked.Add(ref _writeCommands, other.WriteCommands);
        Interlocked.Add(ref _writeBytes, other.WriteBytes);
        Interlocked.Add(ref _otherCommands, other.OtherCommands);
        Interlocked.Add(ref _errors, other.Errors);
    }
}
