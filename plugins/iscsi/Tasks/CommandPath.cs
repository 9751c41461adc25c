using Microsoft.Extensions.Logging;
using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Iscsi.FullFeature;
using TgtModular.Iscsi.Output;
using TgtModular.Transports;

namespace TgtModular.Iscsi.Tasks;

/// <summary>The way of SCSI commands between one connection and the engine.</summary>
internal sealed class CommandPath(INexus nexus, OutputPump pump, IBufferPool buffers, NegotiatedParameters parameters, ILogger logger)
    : ICommandTransport
{
    private volatile bool _closed;

    /// <summary>The engine's side.</summary>
    public INexus Nexus => nexus;

    /// <summary>Sends the answers.</summary>
    public OutputPump Pump => pump;

    /// <summary>Memory for data that comes before it is wanted.</summary>
    public IBufferPool Buffers => buffers;

    /// <summary>What was negotiated.</summary>
    public NegotiatedParameters Parameters => parameters;

    /// <summary>Target Transfer Tags.</summary>
    public TransferTags Tags { get; } = new();

    /// <summary>True when no more data comes.</summary>
    public bool IsClosed => _closed;

    public DataOutProgress ReceiveDataOut(ScsiCommand command) => TaskOf(command).DataOut.Request(command);

    public void Complete(ScsiCommand command)
    {
        if (!command.Outcome.IsGood) Log.CommandFailed(logger, command.Tag, command.Outcome);
        CommandTask task = TaskOf(command);
        if (task.DataOut.TryComplete()) Answer(task);
    }

    public void Drop(ScsiCommand command)
    {
        CommandTask task = TaskOf(command);
        if (task.DataOut.TryDrop()) FinishDrop(task);
    }

    /// <summary>Sends the answer of a command.</summary>
    public void Answer(CommandTask task) => pump.Add(task);

    /// <summary>Gives a dropped command back to the engine, and its record to the pump, which sees it after every R2T of the command.</summary>
    public void FinishDrop(CommandTask task)
    {
        ScsiCommand command = task.Command!;
        if (task.DataOut.EndDropped()) nexus.DataOutArrived(command, DataOutResult.Failed);
        task.MarkDropped();
        command.Release();
        pump.Add(task);
    }

    /// <summary>No more data comes: what waits for it is let go.</summary>
    public void Close(IEnumerable<CommandTask> tasks)
    {
        _closed = true;
        foreach (CommandTask task in tasks) task.DataOut.Abandon();
    }

    private static CommandTask TaskOf(ScsiCommand command) => (CommandTask)command.TransportState!;
}
