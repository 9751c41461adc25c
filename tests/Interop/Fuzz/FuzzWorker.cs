using System.Net.Sockets;
using TgtModular.Iscsi.Protocol.Framing;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.LoadGenerator.Initiator;

namespace TgtModular.Interop.Fuzz;

/// <summary>
/// Sends mutated PDUs over connections of its own. After every burst the target must show that it lives: by answering a ping if all was in
/// step, else by closing once the connection is half closed. Silence is a hang.
/// </summary>
internal sealed class FuzzWorker(TargetAddress address, FuzzTally tally, int seed)
{
    private const int BurstsPerSession = 24;
    private const int LargestBurst = 16;
    private const uint PingTag = 0x5049_4e47;

    /// <summary>Bytes that surely fit the sockets' buffers: neither side may wait for the other to read.</summary>
    private const int LargestBurstBytes = 48 * 1024;

    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(20);
    private readonly Random _random = new(seed);
    private List<FuzzPdu> _burst = [];

    /// <summary>The PDUs sent last, for the report of a failure.</summary>
    public string LastBurst => $"seed {seed}, last burst:\n{string.Join('\n', _burst)}";

    /// <summary>Goes on until the tally has <paramref name="wanted"/> PDUs.</summary>
    public void Run(long wanted, CancellationToken stop)
    {
        PduTemplates templates = new(_random, address.TargetName);
        PduMutator mutator = new(_random);
        while (tally.Total < wanted && !stop.IsCancellationRequested)
        {
            // About every fifth PDU before login: there a connection is worth one PDU or two.
            if (tally.BeforeLogin * 4 < tally.AfterLogin)
                BeforeLogin(templates, mutator);
            else
                AfterLogin(templates, mutator);
        }
    }

    private void BeforeLogin(PduTemplates templates, PduMutator mutator)
    {
        using Socket socket = Session.Connect(address, Silence);
        PduStream stream = new(socket) { Limits = FramingLimits.Login };
        InitiatorSequence sequence = new(1, 0);
        _burst = [.. Enumerable.Range(0, _random.Next(1, 3)).Select(_ =>
            mutator.Mutate(_random.Next(4) == 0 ? templates.FullFeature(1, sequence) : templates.Login(sequence), FramingLimits.Login))];
        int replies = SendAndDrain(stream);
        tally.Add(_burst.Take(replies + 1), afterLogin: false);
    }

    private void AfterLogin(PduTemplates templates, PduMutator mutator)
    {
        LoginWishes wishes = new()
        {
            InitiatorName = "iqn.2026-11.org.tgtmodular:fuzz",
            Isid = 0x8000_0000_0000 + (ulong)(uint)_random.Next(),
            HeaderDigest = _random.Next(2) == 0,
            DataDigest = _random.Next(2) == 0,
            Timeout = Silence,
        };
        using Session session = Session.Open(address, wishes);
        FramingLimits limits = new(
            session.Connection.MaxSendDataSegmentLength, FramingLimits.LargestAhsLength, session.Connection.HeaderDigest, session.Connection.DataDigest);
        for (int burst = 0; burst < BurstsPerSession; burst++)
        {
            FillBurst(session, templates, mutator, limits);
            bool isInStep = _burst.TrueForAll(pdu => pdu.IsFramed);
            int replies = isInStep ? SendAndPing(session) : SendAndDrain(session.Stream);
            bool isAlive = replies < 0;
            tally.Add(isAlive ? _burst : _burst.Take(replies + 1), afterLogin: true);
            if (!isAlive)
                return;
        }
    }

    /// <summary>PDUs that are all in step, but perhaps the last.</summary>
    private void FillBurst(Session session, PduTemplates templates, PduMutator mutator, in FramingLimits limits)
    {
        _burst = [];
        int count = _random.Next(1, LargestBurst + 1);
        int bytes = 0;
        while (_burst.Count < count && bytes < LargestBurstBytes && (_burst.Count == 0 || _burst[^1].IsFramed))
        {
            uint tag = (uint)_random.Next(0x1000);
            RawPdu raw = templates.FullFeature(tag, new InitiatorSequence(session.CmdSN, session.ExpStatSN));
            bool takesNumber = (raw.Bhs[0] & 0x40) == 0 && new BasicHeader(raw.Bhs).Opcode is not Opcode.DataOut and not Opcode.SnackRequest;
            _burst.Add(mutator.Mutate(raw, limits));
            bytes += _burst[^1].Bytes.Length;
            if (takesNumber)
                session.CmdSN++;
        }
    }

    /// <summary>-1 if the ping was answered, else the replies that came before the target closed.</summary>
    private int SendAndPing(Session session)
    {
        Span<byte> bhs = stackalloc byte[BasicHeader.Length];
        int replies = 0;
        try
        {
            foreach (FuzzPdu pdu in _burst)
                session.Stream.SendRaw(pdu.Bytes);
            NopOutWriter.Write(bhs, immediate: true, 0, PingTag, BasicHeader.ReservedTag, new InitiatorSequence(session.CmdSN, session.ExpStatSN));
            session.Stream.Send(bhs, default);
        }
        catch (SocketException exception) when (IsClosedByPeer(exception))
        {
            return CountReplies(session.Stream);
        }

        while (session.Stream.Receive() is { } reply)
        {
            replies++;
            NopInHeader header = new(reply.Bhs);
            if (reply.Opcode != Opcode.NopIn || header.InitiatorTaskTag != PingTag)
                continue;
            // A mutated CmdSN, or a command the target dropped, leaves both sides at odds: the target's word counts.
            session.CmdSN = header.Sequence.ExpCmdSN;
            session.ExpStatSN = header.Sequence.StatSN + 1;
            return -1;
        }

        return replies;
    }

    /// <summary>Half closes behind the burst; the target must close in turn. Returns the replies until then.</summary>
    private int SendAndDrain(PduStream stream)
    {
        try
        {
            foreach (FuzzPdu pdu in _burst)
                stream.SendRaw(pdu.Bytes);
            stream.Socket.Shutdown(SocketShutdown.Send);
        }
        catch (SocketException exception) when (IsClosedByPeer(exception))
        {
            // It had seen enough; its last words may still be there.
        }

        return CountReplies(stream);
    }

    private static int CountReplies(PduStream stream)
    {
        int replies = 0;
        while (stream.Receive() != null)
            replies++;
        return replies;
    }

    private static bool IsClosedByPeer(SocketException exception) =>
        exception.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown or SocketError.ConnectionAborted or SocketError.NotConnected;
}
