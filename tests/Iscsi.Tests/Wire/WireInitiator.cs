using System.Net.Sockets;
using System.Text;
using TgtModular.Buffers;
using TgtModular.Iscsi.Channels;
using TgtModular.Iscsi.Connections;
using TgtModular.Iscsi.Protocol.Digests;
using TgtModular.Iscsi.Protocol.Framing;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Tests.Wire;

/// <summary>An initiator that sends exactly what a test says, and what the target must refuse as well.</summary>
internal sealed class WireInitiator(IByteChannel channel, Connection? connection, Task ended) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private byte[] _received = [];
    private FramingLimits _limits = new(BasicHeader.MaxDataSegmentLength, 1020, false, false);

    public const string Name = "iqn.2026-11.org.example:initiator";

    /// <summary>The target's side.</summary>
    public Connection Connection => connection!;

    /// <summary>Completes when the target's side has been taken down.</summary>
    public Task Ended => ended.WaitAsync(Patience);

    public uint CmdSN { get; set; } = 1;

    public uint ExpStatSN { get; set; }

    public uint NextTag { get; set; } = 0x100;

    public Isid Isid { get; set; } = new(0x400001370000);

    public ushort Tsih { get; set; }

    public ushort Cid { get; set; } = 1;

    public InitiatorSequence Sequence => new(CmdSN, ExpStatSN);

    /// <summary>Digests in force.</summary>
    public void UseDigests(bool header, bool data) => _limits = _limits with { HeaderDigest = header, DataDigest = data };

    public static byte[] Text(params string[] pairs) => Encoding.UTF8.GetBytes(string.Concat(pairs.Select(pair => pair + "\0")));

    /// <summary>Bytes of a PDU with its digests.</summary>
    public byte[] Frame(ReadOnlySpan<byte> bhs, ReadOnlySpan<byte> data = default, ReadOnlySpan<byte> ahs = default)
    {
        PduLayout layout = PduLayout.Create(ahs.Length / 4, data.Length, _limits.HeaderDigest, _limits.DataDigest);
        byte[] pdu = new byte[layout.TotalLength];
        bhs.CopyTo(pdu);
        ahs.CopyTo(pdu.AsSpan(BasicHeader.Length));
        if (_limits.HeaderDigest) PduFramer.WriteHeaderDigest(pdu.AsSpan(0, layout.HeaderLength));
        data.CopyTo(pdu.AsSpan(layout.HeaderLength));
        Crc32C crc = default;
        crc.Append(data);
        PduFramer.WriteTrailer(pdu.AsSpan(layout.HeaderLength + data.Length), layout, crc);
        return pdu;
    }

    public async Task SendRawAsync(byte[] bytes)
    {
        SendList list = new(1);
        list.Add(DataSegment.FromMemory(bytes));
        await channel.SendAsync(list).AsTask().WaitAsync(Patience);
    }

    public Task SendAsync(byte[] bhs, byte[]? data = null, byte[]? ahs = null) => SendRawAsync(Frame(bhs, data, ahs));

    /// <summary>The next PDU; null when the target closed the connection.</summary>
    public async Task<ReceivedPdu?> TryReceiveAsync()
    {
        byte[] chunk = new byte[65536];
        while (true)
        {
            if (PduFramer.TryRead(_received, _limits, out PduFrame frame, out FramingOutcome outcome))
            {
                ReceivedPdu pdu = new(frame.Bhs.ToArray(), frame.Data.ToArray());
                _received = _received[outcome.ConsumedBytes..];
                if (pdu.Opcode is not (Opcode.ReadyToTransfer or Opcode.NopIn or Opcode.DataIn)) ExpStatSN = pdu.Sequence.StatSN + 1;
                return pdu;
            }

            Assert.AreEqual(FramingError.None, outcome.Error, "the target sent a damaged PDU");
            int count;
            try
            {
                count = await channel.ReceiveAsync(chunk).AsTask().WaitAsync(Patience);
            }
            catch (Exception lost) when (lost is IOException or SocketException or ObjectDisposedException)
            {
                return null;
            }

            if (count == 0) return null;
            _received = [.. _received, .. chunk.AsSpan(0, count)];
        }
    }

    /// <summary>Receives bytes and looks at none; false when the target closed the connection.</summary>
    public async Task<bool> TryReceiveAnyAsync()
    {
        try
        {
            return await channel.ReceiveAsync(new byte[16384]) > 0;
        }
        catch (IOException)
        {
            return false;
        }
    }

    public async Task<ReceivedPdu> ReceiveAsync(Opcode expected)
    {
        ReceivedPdu pdu = await TryReceiveAsync()
            ?? throw new AssertFailedException($"expected {expected}, the target closed: {connection?.Reason} {connection?.Detail}");
        Assert.AreEqual(expected, pdu.Opcode);
        return pdu;
    }

    /// <summary>The target closes without another PDU.</summary>
    public async Task ExpectClosedAsync(EndReason reason)
    {
        ReceivedPdu? pdu = await TryReceiveAsync();
        Assert.IsNull(pdu, $"got {pdu?.Opcode}");
        channel.Abort();
        await Ended;
        Assert.AreEqual(reason, connection!.Reason, connection.Detail);
    }

    public async Task<ReceivedPdu> SendLoginAsync(LoginFlags flags, LoginStage current, LoginStage next, params string[] pairs)
    {
        byte[] text = Text(pairs);
        byte[] bhs = new byte[BasicHeader.Length];
        LoginRequestWriter.Write(bhs, flags, current, next, Isid, Tsih, 0xABCD, Cid, Sequence, text.Length);
        await SendAsync(bhs, text);
        return await ReceiveAsync(Opcode.LoginResponse);
    }

    /// <summary>Logs in without authentication, in one request.</summary>
    public async Task<ReceivedPdu> LoginAsync(string? target, params string[] keys)
    {
        List<string> pairs = [$"InitiatorName={Name}", target is null ? "SessionType=Discovery" : $"TargetName={target}", .. keys];
        ReceivedPdu response = await SendLoginAsync(LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, [.. pairs]);
        Assert.AreEqual(LoginStatus.Success, response.Login.Status);
        Assert.AreEqual(LoginStage.FullFeaturePhase, response.Login.NextStage);
        Tsih = response.Login.Tsih;
        if (connection is not null) await WriteTests.UntilAsync(() => connection.IsLoggedIn); // a test may move the clock next
        UseDigests(keys.Contains("HeaderDigest=CRC32C"), keys.Contains("DataDigest=CRC32C"));
        return response;
    }

    /// <summary>Sends a SCSI command and returns its tag.</summary>
    public async Task<uint> CommandAsync(
        byte[] cdb, ScsiCommandFlags flags, uint expected, byte[]? data = null, int lun = 0, bool immediate = false, uint? tag = null, uint? cmdSN = null)
    {
        uint itt = tag ?? NextTag++;
        byte[] bhs = new byte[BasicHeader.Length];
        ScsiCommandWriter.Write(
            bhs, immediate, flags, TaskAttribute.Simple, (ulong)lun << 48, itt, expected, new InitiatorSequence(cmdSN ?? CmdSN, ExpStatSN), cdb, data?.Length
            ?? 0);
        if (!immediate && cmdSN is null) CmdSN++;
        await SendAsync(bhs, data);
        return itt;
    }

    public Task<uint> ReadAsync(uint lba, ushort blocks, uint? expected = null, int lun = 0, bool immediate = false) =>
        CommandAsync(Cdb10(0x28, lba, blocks), ScsiCommandFlags.Read | ScsiCommandFlags.Final, expected ?? (uint)(blocks * 512), lun: lun,
            immediate: immediate);

    public Task<uint> WriteAsync(uint lba, ushort blocks, byte[]? immediateData, bool final = true, uint? expected = null, int lun = 0) =>
        CommandAsync(
            Cdb10(0x2A, lba, blocks), ScsiCommandFlags.Write | (final ? ScsiCommandFlags.Final : 0), expected ?? (uint)(blocks * 512), immediateData, lun);

    public Task<uint> TestUnitReadyAsync(bool immediate = false, uint? tag = null, uint? cmdSN = null) =>
        CommandAsync(new byte[6], ScsiCommandFlags.Final, 0, immediate: immediate, tag: tag, cmdSN: cmdSN);

    public async Task DataOutAsync(uint tag, uint transferTag, uint dataSN, uint offset, byte[] data, bool final)
    {
        byte[] bhs = new byte[BasicHeader.Length];
        DataOutWriter.Write(bhs, final, 0, tag, transferTag, ExpStatSN, dataSN, offset, data.Length);
        await SendAsync(bhs, data);
    }

    public async Task<uint> TaskManagementAsync(
        TaskManagementFunction function, uint referenced = BasicHeader.ReservedTag, int lun = 0, uint refCmdSN = 0, bool immediate = true, uint? cmdSN = null)
    {
        uint tag = NextTag++;
        byte[] bhs = new byte[BasicHeader.Length];
        TaskManagementRequestWriter.Write(
            bhs, immediate, function, (ulong)lun << 48, tag, new InitiatorSequence(cmdSN ?? CmdSN, ExpStatSN), referenced, refCmdSN);
        if (!immediate) CmdSN++;
        await SendAsync(bhs);
        return tag;
    }

    public async Task<uint> NopAsync(byte[]? data = null, bool immediate = true, uint? tag = null, uint transferTag = BasicHeader.ReservedTag)
    {
        uint itt = tag ?? NextTag++;
        byte[] bhs = new byte[BasicHeader.Length];
        NopOutWriter.Write(bhs, immediate, 0, itt, transferTag, Sequence, data?.Length ?? 0);
        if (!immediate) CmdSN++;
        await SendAsync(bhs, data);
        return itt;
    }

    public async Task<uint> TextAsync(TextFlags flags, byte[] text, uint transferTag = BasicHeader.ReservedTag, uint? tag = null)
    {
        uint itt = tag ?? NextTag++;
        byte[] bhs = new byte[BasicHeader.Length];
        TextRequestWriter.Write(bhs, true, flags, itt, transferTag, Sequence, text.Length);
        await SendAsync(bhs, text);
        return itt;
    }

    public async Task<uint> LogoutAsync(LogoutReason reason = LogoutReason.CloseSession, ushort cid = 1)
    {
        uint tag = NextTag++;
        byte[] bhs = new byte[BasicHeader.Length];
        LogoutRequestWriter.Write(bhs, true, reason, tag, cid, Sequence);
        await SendAsync(bhs);
        return tag;
    }

    /// <summary>A ping and its answer: everything sent before has been treated.</summary>
    public async Task PingAsync()
    {
        uint tag = await NopAsync();
        ReceivedPdu answer = await ReceiveAsync(Opcode.NopIn);
        Assert.AreEqual(tag, answer.Tag);
    }

    public static byte[] Cdb10(byte operationCode, uint lba, ushort blocks) =>
        [operationCode, 0, (byte)(lba >> 24), (byte)(lba >> 16), (byte)(lba >> 8), (byte)lba, 0, (byte)(blocks >> 8), (byte)blocks, 0];

    /// <summary>Closes as a crashed initiator does.</summary>
    public void Abort() => channel.Abort();

    public void Dispose() => channel.Abort();
}
