using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.ContractShapes.Transports;

/// <summary>Kinds of messages of <see cref="ByteStreamTransport"/>: one byte, then tag (4), then what the kind says.</summary>
internal enum StreamMessage : byte
{
    /// <summary>LUN, CDB length, expected out (4), expected in (4), immediate length (4), CDB, immediate data.</summary>
    Command,

    /// <summary>Offset (4), length (4): send this part.</summary>
    ReadyToTransfer,

    /// <summary>Offset (4), length (4), data.</summary>
    DataOut,

    /// <summary>Status, sense length, data length (4), sense, data.</summary>
    Response,
}

/// <summary>Shape 1: a byte stream with sessions of its own, immediate data and bursts that the target asks for.</summary>
internal sealed class ByteStreamTransport(ITransportHost engine) : ITransport, ISessionDirectory
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly List<StreamSession> _sessions = [];
    private Task _accepting = Task.CompletedTask;

    public IReadOnlyList<PortalDescription> Portals => [new(_listener.LocalEndpoint.ToString()!, 1)];

    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _listener.Start();
        }
        catch (SocketException taken)
        {
            throw new TransportException(taken.Message, taken);
        }

        _accepting = AcceptAsync();
        return default;
    }

    public async ValueTask DrainAsync(CancellationToken cancellationToken)
    {
        _listener.Stop();
        StreamSession[] all;
        lock (_sessions) all = [.. _sessions];
        foreach (StreamSession session in all) session.CloseRequested(NexusEnd.Administrative);
        await Task.WhenAll(all.Select(session => session.Ended)).WaitAsync(cancellationToken);
    }

    public IReadOnlyList<SessionDescription> GetSessions()
    {
        lock (_sessions)
            return [.. _sessions.Select((session, i) => new SessionDescription((ulong)i, session.Target, session.Initiator, null, [], new Dictionary<string, string>()))];
    }

    public bool Close(ulong sessionId, uint? connectionId) => false;

    public async ValueTask DisposeAsync()
    {
        await DrainAsync(CancellationToken.None);
        await _accepting;
        _listener.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                TcpClient client = await _listener.AcceptTcpClientAsync();
                StreamSession session = new(engine, client);
                lock (_sessions) _sessions.Add(session);
                session.Start();
            }
        }
        catch (SocketException)
        {
            // The listener was stopped.
        }
    }
}

/// <summary>One connection: a reader that submits, and writers that take turns.</summary>
internal sealed class StreamSession(ITransportHost engine, TcpClient client) : ICommandTransport, INexusObserver
{
    private const int BurstLength = 1024;

    private readonly NetworkStream _stream = client.GetStream();
    private readonly Lock _writing = new();
    private readonly Dictionary<uint, ScsiCommand> _awaiting = [];
    private INexus? _nexus;

    public string Target { get; private set; } = "";

    public string Initiator { get; private set; } = "";

    public Task Ended { get; private set; } = Task.CompletedTask;

    public void Start() => Ended = Task.Run(RunAsync);

    public void CloseRequested(NexusEnd end) => client.Close();

    public DataOutProgress ReceiveDataOut(ScsiCommand command)
    {
        byte[] immediate = (byte[])command.TransportState!;
        int given = Math.Min(immediate.Length, command.DataOut.Length);
        command.DataOut.Slice(0, given).CopyFrom(immediate.AsSpan(0, given));
        if (given == command.DataOut.Length) return DataOutProgress.Completed;
        lock (_awaiting) _awaiting.Add((uint)command.Tag, command);
        Ask(command, given);
        return DataOutProgress.Pending;
    }

    public void Complete(ScsiCommand command)
    {
        int sense = command.SenseBytes.Length;
        byte[] message = new byte[11 + sense + command.SentDataIn];
        message[0] = (byte)StreamMessage.Response;
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(1), (uint)command.Tag);
        message[5] = (byte)command.Outcome.Status;
        message[6] = (byte)sense;
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(7), command.SentDataIn);
        command.SenseBytes.CopyTo(message.AsSpan(11));
        command.DataIn.Slice(0, command.SentDataIn).CopyTo(message.AsSpan(11 + sense));
        command.Release();
        Send(message);
    }

    public void Drop(ScsiCommand command)
    {
        lock (_awaiting) _awaiting.Remove((uint)command.Tag);
        command.Release();
    }

    private async Task RunAsync()
    {
        NexusEnd end = NexusEnd.ConnectionLost;
        try
        {
            if (!await LoginAsync()) return;
            while (true) await ReceiveAsync();
        }
        catch (Exception lost) when (lost is IOException or ObjectDisposedException)
        {
            // The peer is gone, or a close was requested.
        }
        finally
        {
            if (_nexus is not null) await _nexus.CloseAsync(end);
            client.Dispose();
        }
    }

    private async Task<bool> LoginAsync()
    {
        byte[] length = await ReadAsync(1);
        string[] names = Encoding.ASCII.GetString(await ReadAsync(length[0])).Split(' ');
        (Initiator, Target) = (names[0], names[1]);
        InitiatorIdentity identity = new(Initiator, ((IPEndPoint)client.Client.RemoteEndPoint!).Address);
        _nexus = engine.FindTarget(Target)?.OpenNexus(new NexusRequest(identity, TransportId.ForIscsi(Initiator), 1, this, 8));
        Send([(byte)(_nexus is null ? 0 : 1)]);
        return _nexus is not null;
    }

    private async Task ReceiveAsync()
    {
        byte[] head = await ReadAsync(5);
        uint tag = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(1));
        switch ((StreamMessage)head[0])
        {
            case StreamMessage.Command:
                await ReceiveCommandAsync(tag);
                break;
            case StreamMessage.DataOut:
                await ReceiveDataAsync(tag);
                break;
            default:
                throw new IOException("the initiator broke the protocol");
        }
    }

    private async Task ReceiveCommandAsync(uint tag)
    {
        byte[] fields = await ReadAsync(14);
        byte[] cdb = await ReadAsync(fields[1]);
        byte[] immediate = await ReadAsync(BinaryPrimitives.ReadInt32BigEndian(fields.AsSpan(10)));
        ScsiCommand command = _nexus!.TryRentCommand() ?? throw new IOException("the initiator exceeds its window");
        command.SetCdb(cdb);
        command.Lun = Lun.FromNumber(fields[0]);
        command.Tag = tag;
        command.ExpectedDataOut = BinaryPrimitives.ReadInt32BigEndian(fields.AsSpan(2));
        command.ExpectedDataIn = BinaryPrimitives.ReadInt32BigEndian(fields.AsSpan(6));
        command.Transport = this;
        command.TransportState = immediate;
        _nexus.Submit(command);
    }

    private async Task ReceiveDataAsync(uint tag)
    {
        byte[] fields = await ReadAsync(8);
        int offset = BinaryPrimitives.ReadInt32BigEndian(fields);
        byte[] data = await ReadAsync(BinaryPrimitives.ReadInt32BigEndian(fields.AsSpan(4)));
        ScsiCommand? command;
        lock (_awaiting) command = _awaiting.GetValueOrDefault(tag);
        if (command is null) return; // aborted meanwhile: the data are thrown away
        command.DataOut.Slice(offset, data.Length).CopyFrom(data);
        if (offset + data.Length < command.DataOut.Length)
        {
            Ask(command, offset + data.Length);
            return;
        }

        lock (_awaiting) _awaiting.Remove(tag);
        _nexus!.DataOutArrived(command, DataOutResult.Arrived);
    }

    private void Ask(ScsiCommand command, int offset)
    {
        byte[] message = new byte[13];
        message[0] = (byte)StreamMessage.ReadyToTransfer;
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(1), (uint)command.Tag);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(5), offset);
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(9), Math.Min(BurstLength, command.DataOut.Length - offset));
        Send(message);
    }

    private void Send(byte[] message)
    {
        lock (_writing) _stream.Write(message);
    }

    private async Task<byte[]> ReadAsync(int length)
    {
        byte[] bytes = new byte[length];
        await _stream.ReadExactlyAsync(bytes);
        return bytes;
    }
}

/// <summary>Makes <see cref="ByteStreamTransport"/>.</summary>
internal sealed class ByteStreamFactory : ITransportFactory
{
    public OptionSchema Options { get; } = OptionSchema.Of(new OptionDefinition("listen", OptionType.TextList, "Addresses."));

    public OptionSchema TargetOptions { get; } = OptionSchema.Of(new OptionDefinition("name", OptionType.Text, "Name of the target."));

    public bool TryNormalizeTargetName(string name, out string normalized, out string problem)
    {
        normalized = name.ToLowerInvariant();
        problem = name.Contains(' ', StringComparison.Ordinal) ? "a name has no blanks" : "";
        return problem.Length == 0;
    }

    public ITransport Create(TransportCreateContext context) => new ByteStreamTransport(context.Engine);
}
