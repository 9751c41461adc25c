using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.ContractShapes.Transports;

/// <summary>What a frame carries (FCP-4 section 9).</summary>
internal enum FrameKind
{
    Command,
    TransferReady,
    Data,
    Response,
    Abort,
    AbortAccepted,
}

/// <summary>A raw frame of an exchange: nothing but the frame itself says where it belongs.</summary>
/// <param name="Kind">R_CTL, in effect.</param>
/// <param name="Exchange">OX_ID.</param>
/// <param name="Offset">Relative offset of the data, or of the burst asked for.</param>
/// <param name="Payload">At most <see cref="FrameTransport.MaximumPayload"/> bytes.</param>
/// <param name="Length">Burst length asked for, or status.</param>
internal sealed record Frame(FrameKind Kind, ushort Exchange, int Offset, byte[] Payload, int Length = 0);

/// <summary>Shape 3: frames and exchanges. The transport cuts data into frames, asks for bursts, and ends exchanges by abort sequences.</summary>
internal sealed class FrameTransport : ICommandTransport, INexusObserver
{
    public const int MaximumPayload = 512;
    private const int BurstLength = 2048;

    private readonly Dictionary<ushort, Exchange> _exchanges = [];
    private readonly INexus _nexus;
    private readonly Action<Frame> _send;

    public FrameTransport(ITransportTarget target, ulong initiatorPort, Action<Frame> send)
    {
        _send = send;
        InitiatorIdentity initiator = new(initiatorPort.ToString("x16"));
        _nexus = target.OpenNexus(new NexusRequest(initiator, TransportId.ForFibreChannel(initiatorPort), 0, this, 32))!;
    }

    public int OpenExchanges => _exchanges.Count;

    public void Receive(Frame frame)
    {
        switch (frame.Kind)
        {
            case FrameKind.Command:
                Begin(frame);
                break;
            case FrameKind.Data when _exchanges.TryGetValue(frame.Exchange, out Exchange? exchange):
                Accept(exchange, frame);
                break;
            case FrameKind.Abort:
                _ = AbortAsync(frame.Exchange);
                break;
            default:
                break; // a frame of an exchange that is over
        }
    }

    public DataOutProgress ReceiveDataOut(ScsiCommand command)
    {
        AskForBurst((Exchange)command.TransportState!);
        return DataOutProgress.Pending;
    }

    public void Complete(ScsiCommand command)
    {
        Exchange exchange = (Exchange)command.TransportState!;
        for (int offset = 0; offset < command.SentDataIn; offset += MaximumPayload)
        {
            int length = Math.Min(MaximumPayload, command.SentDataIn - offset);
            _send(new Frame(FrameKind.Data, exchange.Id, offset, command.DataIn.Slice(offset, length).ToArray()));
        }

        _send(new Frame(FrameKind.Response, exchange.Id, 0, command.SenseBytes.ToArray(), (int)command.Outcome.Status));
        End(exchange);
    }

    public void Drop(ScsiCommand command) => End((Exchange)command.TransportState!);

    public void CloseRequested(NexusEnd end)
    {
    }

    private void Begin(Frame frame)
    {
        ScsiCommand command = _nexus.TryRentCommand()!;
        Exchange exchange = new(frame.Exchange, command);
        _exchanges.Add(frame.Exchange, exchange);
        command.SetCdb(frame.Payload);
        command.Tag = frame.Exchange;
        command.ExpectedDataOut = frame.Offset; // FCP_DL, in effect
        command.ExpectedDataIn = frame.Length;
        command.Transport = this;
        command.TransportState = exchange;
        _nexus.Submit(command);
    }

    private void Accept(Exchange exchange, Frame frame)
    {
        // A frame out of its place means that one was lost: the exchange cannot be saved.
        if (frame.Offset != exchange.Received)
        {
            _nexus.DataOutArrived(exchange.Command, DataOutResult.Failed);
            return;
        }

        exchange.Command.DataOut.Slice(frame.Offset, frame.Payload.Length).CopyFrom(frame.Payload);
        exchange.Received += frame.Payload.Length;
        if (exchange.Received == exchange.Command.DataOut.Length) _nexus.DataOutArrived(exchange.Command, DataOutResult.Arrived);
        else if (exchange.Received == exchange.BurstEnd) AskForBurst(exchange);
    }

    private void AskForBurst(Exchange exchange)
    {
        int length = Math.Min(BurstLength, exchange.Command.DataOut.Length - exchange.Received);
        exchange.BurstEnd = exchange.Received + length;
        _send(new Frame(FrameKind.TransferReady, exchange.Id, exchange.Received, [], length));
    }

    private async Task AbortAsync(ushort exchange)
    {
        await _nexus.ExecuteAsync(new TaskManagementRequest(TaskManagementFunction.AbortTask, Lun.FromNumber(0), exchange));
        _send(new Frame(FrameKind.AbortAccepted, exchange, 0, []));
    }

    private void End(Exchange exchange)
    {
        _exchanges.Remove(exchange.Id);
        exchange.Command.Release();
    }

    private sealed class Exchange(ushort id, ScsiCommand command)
    {
        public ushort Id => id;

        public ScsiCommand Command => command;

        public int Received { get; set; }

        public int BurstEnd { get; set; }
    }
}
