using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.ContractShapes.Engine;

/// <summary>How a command ended, as its initiator sees it.</summary>
internal sealed record Reply(ScsiOutcome Outcome, byte[] DataIn, long ResidualIn, long ResidualOut);

/// <summary>No wire: a test calls a device through the engine and gets the reply. Data-Out is at hand.</summary>
internal sealed class DirectTransport(MiniTarget target, string initiator = "direct") : ICommandTransport, INexusObserver
{
    private INexus? _nexus;
    private ulong _tag;

    public INexus Nexus => _nexus ??= target.OpenNexus(new NexusRequest(new InitiatorIdentity(initiator), TransportId.ForIscsi(initiator), 0, this, 16))!;

    /// <summary>Memory for the data, where a test brings its own.</summary>
    public Func<int, DataBuffer?> Rent { get; init; } = _ => null;

    public Task<Reply> RunAsync(byte[] cdb, byte[]? dataOut = null, long? expectedIn = null, int lun = 0)
    {
        ScsiCommand command = Nexus.TryRentCommand()!;
        TaskCompletionSource<Reply> reply = new(TaskCreationOptions.RunContinuationsAsynchronously);
        command.SetCdb(cdb);
        command.Lun = Lun.FromNumber(lun);
        command.Tag = ++_tag;
        command.Transport = this;
        command.TransportState = (dataOut ?? [], reply);
        command.ExpectedDataOut = dataOut?.Length ?? 0;
        command.ExpectedDataIn = expectedIn ?? 1 << 20;
        Nexus.Submit(command);
        return reply.Task;
    }

    public DataBuffer? TryRent(ScsiCommand command, DataDirection direction, int length) => Rent(length);

    public DataOutProgress ReceiveDataOut(ScsiCommand command)
    {
        (byte[] data, _) = ((byte[], TaskCompletionSource<Reply>))command.TransportState!;
        command.DataOut.CopyFrom(data.AsSpan(0, command.DataOut.Length));
        return DataOutProgress.Completed;
    }

    public void Complete(ScsiCommand command)
    {
        (_, TaskCompletionSource<Reply> reply) = ((byte[], TaskCompletionSource<Reply>))command.TransportState!;
        Reply value = new(command.Outcome, command.DataIn.Slice(0, command.SentDataIn).ToArray(), command.ResidualIn, command.ResidualOut);
        command.Release();
        reply.SetResult(value);
    }

    public void Drop(ScsiCommand command)
    {
        (_, TaskCompletionSource<Reply> reply) = ((byte[], TaskCompletionSource<Reply>))command.TransportState!;
        command.Release();
        reply.SetCanceled();
    }

    public void CloseRequested(NexusEnd end)
    {
    }
}
