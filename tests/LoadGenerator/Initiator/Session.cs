using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;
using TgtModular.Iscsi.Protocol.Framing;
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
    private readonly TargetAddress _address;
    private readonly LoginWishes _wishes;
    private uint _nextTag = 0x4000_0000;

    private Session(TargetAddress address, LoginWishes wishes, Socket socket)
    {
        _address = address;
        _wishes = wishes;
        Stream = new PduStream(socket);
    }

    public PduStream Stream { get; }

    public SessionParameters Parameters { get; private set; } = new();

    /// <summary>CmdSN of the next command.</summary>
    public uint CmdSN { get; set; } = 1;

    public uint ExpStatSN { get; set; }

    public uint MaxCmdSN { get; set; } = 1;

    /// <summary>Target session identifying handle.</summary>
    public ushort Tsih { get; private set; }

    /// <summary>Connects and logs in.</summary>
    /// <exception cref="InitiatorException">The target refused or broke the protocol.</exception>
    public static Session Open(TargetAddress address, LoginWishes wishes)
    {
        Socket socket = Connect(address, wishes.Timeout);
        Session session = new(address, wishes, socket);
        try
        {
            session.Login();
            return session;
        }
        catch
        {
            session.Dispose();
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
    public ScsiReply Execute(ReadOnlySpan<byte> cdb, int expectedDataIn)
    {
        for (int attempt = 0; ; attempt++)
        {
            ScsiReply reply = ExecuteOnce(cdb, expectedDataIn);
            if (reply.Status != ScsiReply.CheckCondition || reply.SenseKey != ScsiReply.UnitAttention || attempt == MaxAttentions)
                return reply;
        }
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

    private void Login()
    {
        string security = Keys(("InitiatorName", _wishes.InitiatorName), ("TargetName", _address.TargetName), ("SessionType", "Normal"), ("AuthMethod", "None"));
        string operational = Keys(
            ("HeaderDigest", _wishes.HeaderDigest ? "CRC32C" : "None"),
            ("DataDigest", _wishes.DataDigest ? "CRC32C" : "None"),
            ("MaxRecvDataSegmentLength", $"{_wishes.MaxRecvDataSegmentLength}"),
            ("InitialR2T", "No"),
            ("ImmediateData", "Yes"),
            ("MaxBurstLength", "262144"),
            ("FirstBurstLength", "262144"),
            ("MaxConnections", "1"),
            ("DefaultTime2Wait", "0"),
            ("DefaultTime2Retain", "0"),
            ("MaxOutstandingR2T", "1"),
            ("ErrorRecoveryLevel", "0"),
            ("DataPDUInOrder", "Yes"),
            ("DataSequenceInOrder", "Yes"));
        LoginStep(LoginStage.SecurityNegotiation, LoginStage.OperationalNegotiation, security);
        LoginStep(LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, operational);
        Stream.Limits = new FramingLimits(
            _wishes.MaxRecvDataSegmentLength, FramingLimits.LargestAhsLength, Parameters.HeaderDigest, Parameters.DataDigest);
    }

    /// <summary>One stage: sends its keys, then empty requests until the target agrees to go on.</summary>
    private void LoginStep(LoginStage stage, LoginStage next, string text)
    {
        const int maxRounds = 8;
        Span<byte> bhs = stackalloc byte[BasicHeader.Length];
        for (int round = 0; round < maxRounds; round++)
        {
            byte[] data = Encoding.ASCII.GetBytes(round == 0 ? text : "");
            LoginRequestWriter.Write(
                bhs, LoginFlags.Transit, stage, next, new Isid(_wishes.Isid), Tsih, 1, 0, new InitiatorSequence(CmdSN, ExpStatSN), data.Length);
            Stream.Send(bhs, data);
            ReceivedPdu pdu = Stream.Receive() ?? throw new InitiatorException("target closed the connection during login");
            if (pdu.Opcode != Opcode.LoginResponse)
                throw new InitiatorException($"target answered login with {pdu.Opcode}");
            LoginResponseHeader response = new(pdu.Bhs);
            if (response.Status != LoginStatus.Success)
                throw new InitiatorException($"login refused: {response.Status}");
            Note(response.Sequence, carriesStatus: true);
            Tsih = response.Tsih;
            foreach (string pair in Encoding.ASCII.GetString(pdu.Data).Split('\0', StringSplitOptions.RemoveEmptyEntries))
            {
                int equals = pair.IndexOf('=', StringComparison.Ordinal);
                if (equals > 0)
                    Parameters = Parameters.With(pair[..equals], pair[(equals + 1)..]);
            }

            if ((response.Flags & LoginFlags.Transit) != 0)
                return;
        }

        throw new InitiatorException($"target does not leave login stage {stage}");
    }

    private static string Keys(params ReadOnlySpan<(string Key, string Value)> pairs)
    {
        StringBuilder text = new();
        foreach ((string key, string value) in pairs)
            text.Append(key).Append('=').Append(value).Append('\0');
        return text.ToString();
    }

    private ScsiReply ExecuteOnce(ReadOnlySpan<byte> cdb, int expectedDataIn)
    {
        Span<byte> bhs = stackalloc byte[BasicHeader.Length];
        uint tag = _nextTag++;
        ScsiCommandFlags flags = ScsiCommandFlags.Final | (expectedDataIn > 0 ? ScsiCommandFlags.Read : ScsiCommandFlags.None);
        ScsiCommandWriter.Write(
            bhs, immediate: false, flags, TaskAttribute.Simple, _address.LunField, tag, (uint)expectedDataIn, new InitiatorSequence(CmdSN++, ExpStatSN), cdb);
        Stream.Send(bhs, default);
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

        throw new InitiatorException("target closed the connection");
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
