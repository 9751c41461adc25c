using System.Buffers.Binary;
using System.Net.Sockets;
using TgtModular.Iscsi.Protocol.Framing;
using TgtModular.Iscsi.Protocol.Login;
using TgtModular.Iscsi.Protocol.Negotiation;
using TgtModular.Iscsi.Protocol.Numbers;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.LoadGenerator.Initiator;

/// <summary>How a single command ended.</summary>
/// <param name="Status">SAM status code.</param>
/// <param name="Data">Data-In.</param>
/// <param name="Sense">Sense data; empty unless CHECK CONDITION.</param>
public sealed record ScsiReply(byte Status, byte[] Data, byte[] Sense)
{
    public const byte Good = 0;
    public const byte CheckCondition = 2;
    public const byte UnitAttention = 6;

    /// <summary>Sense key of fixed or descriptor format sense data; 0 without.</summary>
    public int SenseKey => Sense.Length < 3 ? 0 : (Sense[0] & 0x7f) >= 0x72 ? Sense[1] & 0xf : Sense[2] & 0xf;

    public override string ToString() => Sense.Length < 14 ? $"status {Status:x2}h" : (Sense[0] & 0x7f) >= 0x72
        ? $"status {Status:x2}h, sense {SenseKey:x}/{Sense[2]:x2}/{Sense[3]:x2}"
        : $"status {Status:x2}h, sense {SenseKey:x}/{Sense[12]:x2}/{Sense[13]:x2}";
}

/// <summary>A session of one connection: login, single blocking commands, logout. The load loop takes its socket over in between.</summary>
public sealed class Session : IDisposable
{
    private const int MaxAttentions = 8;
    private const uint LoginTag = 1;
    private const uint FirstCmdSN = 1;
    private readonly TargetAddress _address;
    private uint _nextTag = 0x4000_0000;

    private Session(TargetAddress address, PduStream stream, InitiatorLogin login, in TargetSequence sequence)
    {
        _address = address;
        Stream = stream;
        Parameters = login.Negotiator.ToSessionParameters();
        Connection = login.Negotiator.ToConnectionParameters();
        Tsih = login.Tsih;
        MaxCmdSN = sequence.MaxCmdSN;
        ExpStatSN = sequence.StatSN + 1;
        stream.Limits = new FramingLimits(
            Connection.MaxRecvDataSegmentLength, FramingLimits.LargestAhsLength, Connection.HeaderDigest, Connection.DataDigest);
    }

    public PduStream Stream { get; }

    /// <summary>What was agreed for the session.</summary>
    public SessionParameters Parameters { get; }

    /// <summary>What was agreed for its connection.</summary>
    public ConnectionParameters Connection { get; }

    /// <summary>CmdSN of the next command.</summary>
    public uint CmdSN { get; set; } = FirstCmdSN;

    public uint ExpStatSN { get; set; }

    public uint MaxCmdSN { get; set; }

    /// <summary>Target session identifying handle.</summary>
    public ushort Tsih { get; }

    /// <summary>Connects and logs in.</summary>
    /// <exception cref="InitiatorException">The target refused or broke the protocol.</exception>
    public static Session Open(TargetAddress address, LoginWishes wishes)
    {
        Socket socket = Connect(address, wishes.Timeout);
        try
        {
            return Login(address, wishes, new PduStream(socket));
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>A connected blocking socket with timeouts.</summary>
    public static Socket Connect(TargetAddress address, TimeSpan timeout)
    {
        Socket socket = new(address.Portal.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            socket.ReceiveTimeout = socket.SendTimeout = (int)timeout.TotalMilliseconds;
            socket.Connect(address.Portal);
            return socket;
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new InitiatorException($"{address.Portal}: {exception.Message}");
        }
    }

    /// <summary>Executes a command to the end, unit attentions excepted, which are consumed.</summary>
    /// <param name="cdb">The command.</param>
    /// <param name="expectedDataIn">Bytes wanted.</param>
    /// <param name="dataOut">Bytes sent, all of them as immediate data: no more than the session's first burst.</param>
    public ScsiReply Execute(ReadOnlySpan<byte> cdb, int expectedDataIn, ReadOnlySpan<byte> dataOut = default)
    {
        for (int attempt = 0; ; attempt++)
        {
            ScsiReply reply = ExecuteOnce(cdb, expectedDataIn, dataOut);
            if (reply.Status != ScsiReply.CheckCondition || reply.SenseKey != ScsiReply.UnitAttention || attempt == MaxAttentions)
                return reply;
        }
    }

    /// <summary>Sends a command and waits for nothing.</summary>
    /// <param name="lunField">LUN field of the PDU.</param>
    /// <param name="tag">Initiator task tag.</param>
    /// <param name="cdb">The command.</param>
    /// <param name="expectedDataIn">Bytes wanted.</param>
    /// <param name="dataOutLength">Bytes of Data-Out in all; a command has either these or Data-In.</param>
    /// <param name="immediateData">Those of them that go along.</param>
    public void Send(ulong lunField, uint tag, ReadOnlySpan<byte> cdb, int expectedDataIn, int dataOutLength, ReadOnlySpan<byte> immediateData)
    {
        Span<byte> bhs = stackalloc byte[BasicHeader.Length];
        ScsiCommandFlags flags = ScsiCommandFlags.Final | (expectedDataIn > 0 ? ScsiCommandFlags.Read : ScsiCommandFlags.None)
            | (dataOutLength == 0 ? ScsiCommandFlags.None : ScsiCommandFlags.Write);
        ScsiCommandWriter.Write(
            bhs, immediate: false, flags, TaskAttribute.Simple, lunField, tag, (uint)(dataOutLength == 0 ? expectedDataIn : dataOutLength),
            new InitiatorSequence(CmdSN++, ExpStatSN), cdb, immediateData.Length);
        Stream.Send(bhs, immediateData);
    }

    public void Logout()
    {
        Span<byte> bhs = stackalloc byte[BasicHeader.Length];
        LogoutRequestWriter.Write(bhs, immediate: true, LogoutReason.CloseSession, _nextTag++, 0, new InitiatorSequence(CmdSN, ExpStatSN));
        Stream.Send(bhs, default);
        while (Stream.Receive() is { } pdu)
        {
            if (pdu.Opcode == Opcode.LogoutResponse)
                return;
        }
    }

    public void Dispose() => Stream.Socket.Dispose();

    /// <summary>Takes StatSN, ExpCmdSN and MaxCmdSN of a target PDU in.</summary>
    public void Note(in TargetSequence sequence, bool carriesStatus)
    {
        if (carriesStatus)
            ExpStatSN = sequence.StatSN + 1;
        MaxCmdSN = SerialNumber.Max(MaxCmdSN, sequence.MaxCmdSN);
    }

    private static Session Login(TargetAddress address, LoginWishes wishes, PduStream stream)
    {
        InitiatorLogin login = new(new InitiatorLoginSettings
        {
            InitiatorName = wishes.InitiatorName,
            TargetName = address.TargetName,
            Isid = new Isid(wishes.Isid),
            Negotiation = new NegotiationPolicy
            {
                HeaderDigests = [wishes.HeaderDigest ? DigestAlgorithm.Crc32C : DigestAlgorithm.None],
                DataDigests = [wishes.DataDigest ? DigestAlgorithm.Crc32C : DigestAlgorithm.None],
                MaxRecvDataSegmentLength = wishes.MaxRecvDataSegmentLength,
                DefaultTime2Wait = 0,
                DefaultTime2Retain = 0,
            },
        });
        Span<byte> bhs = stackalloc byte[BasicHeader.Length];
        TargetSequence sequence = default;
        while (login.State == LoginState.AwaitingRequest)
        {
            ReadOnlyMemory<byte> text = login.WriteRequest(bhs, LoginTag, new InitiatorSequence(FirstCmdSN, sequence.StatSN + 1));
            stream.Send(bhs, text.Span);
            ReceivedPdu pdu = stream.Receive()
                ?? throw new InitiatorException($"target closed the connection from {stream.Socket.LocalEndPoint} during login");
            _ = login.Receive(pdu.Bhs, pdu.Data);
            sequence = new LoginResponseHeader(pdu.Bhs).Sequence;
        }

        return login.State == LoginState.Succeeded
            ? new Session(address, stream, login, sequence)
            : throw new InitiatorException($"login refused: {(login.Fault == LoginFault.None ? login.Status : login.Fault)}");
    }

    /// <summary>Executes a command to the end, whatever the answer: unit attentions are the caller's.</summary>
    /// <param name="cdb">The command.</param>
    /// <param name="expectedDataIn">Bytes wanted.</param>
    /// <param name="dataOut">As for <see cref="Execute"/>.</param>
    public ScsiReply ExecuteOnce(ReadOnlySpan<byte> cdb, int expectedDataIn, ReadOnlySpan<byte> dataOut = default)
    {
        if (!dataOut.IsEmpty && (!Parameters.ImmediateData || dataOut.Length > Math.Min(Parameters.FirstBurstLength, Connection.MaxSendDataSegmentLength)))
            throw new InitiatorException($"{dataOut.Length} bytes do not go as immediate data in this session");
        Send(_address.LunField, _nextTag++, cdb, expectedDataIn, dataOut.Length, dataOut);
        byte[] data = new byte[expectedDataIn];
        int received = 0;
        while (Stream.Receive() is { } pdu)
        {
            if (pdu.Opcode == Opcode.DataIn)
            {
                DataInHeader header = new(pdu.Bhs);
                pdu.Data.CopyTo(data, header.BufferOffset);
                received = Math.Max(received, (int)header.BufferOffset + pdu.Data.Length);
                bool hasStatus = (header.Flags & DataInFlags.Status) != 0;
                Note(header.Sequence, hasStatus);
                if (hasStatus)
                    return new ScsiReply(header.Status, data[..received], []);
            }
            else if (pdu.Opcode == Opcode.ScsiResponse)
            {
                ScsiResponseHeader header = new(pdu.Bhs);
                Note(header.Sequence, carriesStatus: true);
                if (header.Response != ScsiServiceResponse.CommandCompleted)
                    throw new InitiatorException($"target failure, response {(byte)header.Response:x2}h");
                _ = SenseSegment.TryRead(pdu.Data, out ReadOnlySpan<byte> sense, out _);
                return new ScsiReply(header.Status, data[..received], sense.ToArray());
            }
            else if (pdu.Opcode == Opcode.Reject)
            {
                throw new InitiatorException($"target rejects: {new RejectHeader(pdu.Bhs).Reason}");
            }
        }

        throw new TargetGoneException("target closed the connection");
    }
}

/// <summary>The two commands that every run begins with.</summary>
public static class SessionCommands
{
    /// <summary>READ CAPACITY (16), SBC-4 section 5.20.</summary>
    public static (ulong Blocks, int BlockLength) ReadCapacity(this Session session)
    {
        byte[] cdb = new byte[16];
        cdb[0] = 0x9e;
        cdb[1] = 0x10;
        cdb[13] = 32;
        ScsiReply reply = session.Execute(cdb, 32);
        return reply.Status == ScsiReply.Good && reply.Data.Length >= 12
            ? (BinaryPrimitives.ReadUInt64BigEndian(reply.Data) + 1, BinaryPrimitives.ReadInt32BigEndian(reply.Data.AsSpan(8)))
            : throw new InitiatorException($"READ CAPACITY (16): {reply}");
    }

    /// <summary>TEST UNIT READY; consumes unit attentions.</summary>
    public static void TestUnitReady(this Session session)
    {
        ScsiReply reply = session.Execute(new byte[6], 0);
        if (reply.Status != ScsiReply.Good)
            throw new InitiatorException($"TEST UNIT READY: {reply}");
    }
}
