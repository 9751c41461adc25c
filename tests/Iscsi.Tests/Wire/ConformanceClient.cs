using System.Collections.Concurrent;
using TgtModular.Iscsi.Protocol.Pdus;
using TgtModular.Scsi;
using TgtModular.TestKit;

namespace TgtModular.Iscsi.Tests.Wire;

/// <summary>An initiator for the conformance suite: it keeps to the command window, answers R2Ts, and puts together what comes back.</summary>
internal sealed class ConformanceClient : TransportClient
{
    private const int BurstLength = 8192; // MaxRecvDataSegmentLength where nothing was said

    private readonly WireInitiator _wire;
    private readonly SemaphoreSlim _order = new(1, 1); // commands, in the order of the calls
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ConcurrentDictionary<uint, Outstanding> _commands = new();
    private readonly ConcurrentDictionary<uint, TaskCompletionSource<TaskManagementResponse>> _functions = new();
    private readonly TaskCompletionSource _loggedOut = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _logoutAsked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private readonly Task _receiving;
    private TaskCompletionSource _windowMoved = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private uint _maxCmdSN;
    private bool _ended;

    private ConformanceClient(WireInitiator wire, uint maxCmdSN)
    {
        _wire = wire;
        _maxCmdSN = maxCmdSN;
        wire.NextTag = 0x10000000; // above those of commands
        _receiving = ReceiveAsync();
    }

    public override Task Ended => _receiving;

    public override Task LogoutAsked => _logoutAsked.Task;

    /// <summary>Logs in as one of several initiator ports; null when the target refuses.</summary>
    public static async Task<ConformanceClient?> LoginAsync(WireInitiator wire, int initiator, string target, params string[] keys)
    {
        wire.Isid = new Isid(0x400001370000 + (ulong)initiator);
        string[] pairs = [$"InitiatorName={WireInitiator.Name}", $"TargetName={target}", .. keys];
        ReceivedPdu response = await wire.SendLoginAsync(LoginFlags.Transit, LoginStage.OperationalNegotiation, LoginStage.FullFeaturePhase, pairs);
        if (response.Login.Status != LoginStatus.Success)
        {
            wire.Dispose();
            return null;
        }

        wire.UseDigests(keys.Contains("HeaderDigest=CRC32C"), keys.Contains("DataDigest=CRC32C"));
        return new ConformanceClient(wire, response.Sequence.MaxCmdSN);
    }

    public override async Task<ClientAnswer> SendAsync(ClientCommand command)
    {
        Outstanding outstanding = new(command);
        await _order.WaitAsync();
        try
        {
            await WindowAsync();
            _commands[command.Tag] = outstanding;
            if (Volatile.Read(ref _ended)) outstanding.Answer.TrySetCanceled();
            else await OnWireAsync(() => _wire.SendAsync(Header(command, out byte[] immediate, out byte[] ahs), immediate, ahs));
        }
        finally
        {
            _order.Release();
        }

        return await outstanding.Answer.Task;
    }

    public override async Task<TaskManagementResponse> AbortAsync(uint tag, int lun)
    {
        TaskCompletionSource<TaskManagementResponse> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await OnWireAsync(() =>
        {
            _functions[_wire.NextTag] = answer;
            return _wire.TaskManagementAsync(Protocol.Pdus.TaskManagementFunction.AbortTask, tag, lun, _wire.CmdSN);
        });
        return await answer.Task;
    }

    public override async Task LogoutAsync()
    {
        await OnWireAsync(() => _wire.LogoutAsync());
        await _loggedOut.Task;
    }

    public override Task SendGarbageAsync(byte[] garbage) => OnWireAsync(() => _wire.SendRawAsync(garbage));

    public override async ValueTask DisposeAsync()
    {
        _wire.Abort();
        await _receiving;
    }

    private byte[] Header(ClientCommand command, out byte[] immediate, out byte[] ahs)
    {
        immediate = command.DataOut[..Math.Min(BurstLength, command.DataOut.Length)];
        bool both = command.DataOut.Length > 0 && command.ExpectedIn > 0;
        byte[] tail = command.Cdb.Length > 16 ? command.Cdb[16..] : [];
        ahs = new byte[ScsiCommandAhs.GetLength(tail.Length, both)];
        ScsiCommandAhs.Write(ahs, tail, both ? (uint)command.ExpectedIn : null);
        ScsiCommandFlags flags = ScsiCommandFlags.Final;
        if (command.DataOut.Length > 0) flags |= ScsiCommandFlags.Write;
        if (command.ExpectedIn > 0) flags |= ScsiCommandFlags.Read;
        byte[] bhs = new byte[BasicHeader.Length];
        ScsiCommandWriter.Write(
            bhs, false, flags, Protocol.Pdus.TaskAttribute.Simple, Lun.FromNumber(command.Lun).Value, command.Tag,
            (uint)(command.DataOut.Length > 0 ? command.DataOut.Length : command.ExpectedIn), _wire.Sequence, command.Cdb.AsSpan(0, Math.Min(16, command.Cdb.Length)),
            immediate.Length, ahs.Length / 4);
        _wire.CmdSN++;
        return bhs;
    }

    /// <summary>Waits until the target takes another command (RFC 7143 section 4.2.2.1).</summary>
    private async Task WindowAsync()
    {
        while (true)
        {
            Task moved;
            lock (_gate)
            {
                if (_ended || (int)(_maxCmdSN - _wire.CmdSN) >= 0) return;
                moved = _windowMoved.Task;
            }

            await moved;
        }
    }

    private async Task OnWireAsync(Func<Task> send)
    {
        await _sending.WaitAsync();
        try
        {
            await send();
        }
        finally
        {
            _sending.Release();
        }
    }

    private async Task ReceiveAsync()
    {
        await Task.Yield();
        while (await _wire.TryReceiveAsync() is { } pdu)
        {
            await TakeAsync(pdu);
            MoveWindow(pdu.Sequence.MaxCmdSN, ended: false);
        }

        _wire.Abort(); // the target lets its last PDU be read, and waits for this side to close
        MoveWindow(_maxCmdSN, ended: true);
        _loggedOut.TrySetCanceled();
        _logoutAsked.TrySetResult();
        foreach (Outstanding command in _commands.Values) command.Answer.TrySetCanceled();
        foreach (TaskCompletionSource<TaskManagementResponse> function in _functions.Values) function.TrySetCanceled();
    }

    private void MoveWindow(uint maxCmdSN, bool ended)
    {
        TaskCompletionSource moved;
        lock (_gate)
        {
            if ((int)(maxCmdSN - _maxCmdSN) > 0) _maxCmdSN = maxCmdSN;
            _ended |= ended;
            (moved, _windowMoved) = (_windowMoved, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }

        moved.TrySetResult();
    }

    private async Task TakeAsync(ReceivedPdu pdu)
    {
        switch (pdu.Opcode)
        {
            case Opcode.DataIn:
                TakeData(pdu);
                break;
            case Opcode.ReadyToTransfer:
                await SendDataAsync(pdu.Tag, pdu.R2T.TargetTransferTag, (int)pdu.R2T.BufferOffset, (int)pdu.R2T.DesiredDataTransferLength);
                break;
            case Opcode.ScsiResponse:
                byte[] sense = pdu.Data.Length == 0 ? [] : pdu.Data[2..(2 + ((pdu.Data[0] << 8) | pdu.Data[1]))];
                Answer(pdu.Tag, pdu.Response.Status, sense);
                break;
            case Opcode.TaskManagementResponse:
                TaskManagementResponse response = pdu.TaskManagement.Response switch
                {
                    TaskManagementResponseCode.FunctionComplete => TaskManagementResponse.FunctionComplete,
                    TaskManagementResponseCode.TaskDoesNotExist => TaskManagementResponse.TaskDoesNotExist,
                    TaskManagementResponseCode.LunDoesNotExist => TaskManagementResponse.LunDoesNotExist,
                    _ => TaskManagementResponse.Rejected,
                };
                if (_functions.TryRemove(pdu.Tag, out TaskCompletionSource<TaskManagementResponse>? function)) function.TrySetResult(response);
                break;
            case Opcode.AsyncMessage:
                _logoutAsked.TrySetResult();
                break;
            case Opcode.LogoutResponse:
                _loggedOut.TrySetResult();
                break;
        }
    }

    private void TakeData(ReceivedPdu pdu)
    {
        Assert.IsTrue(_commands.TryGetValue(pdu.Tag, out Outstanding? command), $"data for tag {pdu.Tag:x}, which is not in flight");
        Assert.AreEqual((uint)command.DataIn.Count, pdu.DataIn.BufferOffset, "Data-In comes in order (DataPDUInOrder, DataSequenceInOrder)");
        command.DataIn.AddRange(pdu.Data);
        if ((pdu.DataIn.Flags & DataInFlags.Status) == 0) return;
        _wire.ExpStatSN = pdu.Sequence.StatSN + 1;
        Answer(pdu.Tag, pdu.DataIn.Status, []);
    }

    private async Task SendDataAsync(uint tag, uint transferTag, int offset, int length)
    {
        if (!_commands.TryGetValue(tag, out Outstanding? command)) return;
        for (uint number = 0; length > 0; number++)
        {
            int part = Math.Min(BurstLength, length);
            byte[] data = command.Command.DataOut[offset..(offset + part)];
            (int at, bool last) = (offset, part == length);
            await OnWireAsync(() => _wire.DataOutAsync(tag, transferTag, number, (uint)at, data, last));
            (offset, length) = (offset + part, length - part);
        }
    }

    private void Answer(uint tag, byte status, byte[] sense)
    {
        Assert.IsTrue(_commands.TryRemove(tag, out Outstanding? command), $"an answer to tag {tag:x}, which is not in flight");
        command.Answer.TrySetResult(new ClientAnswer((ScsiStatus)status, [.. command.DataIn], sense));
    }

    private sealed class Outstanding(ClientCommand command)
    {
        public ClientCommand Command => command;

        public List<byte> DataIn { get; } = [];

        public TaskCompletionSource<ClientAnswer> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
