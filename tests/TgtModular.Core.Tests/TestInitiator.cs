using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Core.Tests;

/// <summary>What came back for a command.</summary>
internal sealed record Answer(bool Dropped, ScsiOutcome Outcome, byte[] Data, long ResidualIn, long ResidualOut, byte[] Sense);

/// <summary>An initiator with a transport of its own over an open nexus. Data-Out comes at once, or when the test says so.</summary>
internal sealed class TestInitiator(INexus nexus) : ICommandTransport
{
    private readonly Dictionary<ScsiCommand, TaskCompletionSource<Answer>> _answers = [];
    private readonly Dictionary<ulong, ScsiCommand> _awaiting = [];
    private ulong _nextTag;

    public INexus Nexus => nexus;

    /// <summary>True: Data-Out waits for <see cref="SendData"/>.</summary>
    public bool HoldsData { get; set; }

    /// <summary>True: data lie in memory of the transport's own.</summary>
    public bool HasMemory { get; set; }

    public ulong LastTag => _nextTag;

    public Task<Answer> SendAsync(
        byte opcode, byte label = 0, TaskAttribute attribute = TaskAttribute.Simple, long dataOut = 0, long dataIn = 0, int lun = 1, byte length = 0) =>
        SendAsync([opcode, label, 0, 0, length, 0], attribute, dataOut, dataIn, Lun.FromNumber(lun));

    /// <summary>Sends a command with a parameter list.</summary>
    public Task<Answer> SendAsync(byte[] cdb, byte[] list, TaskAttribute attribute = TaskAttribute.Simple, int lun = 1) =>
        SendAsync(cdb, attribute, dataOut: list.Length, lun: Lun.FromNumber(lun), list: list);

    public Task<Answer> SendAsync(
        byte[] cdb, TaskAttribute attribute = TaskAttribute.Simple, long dataOut = 0, long dataIn = 0, Lun? lun = null, byte[]? list = null)
    {
        ScsiCommand command = nexus.TryRentCommand() ?? throw new InvalidOperationException("no command left");
        TaskCompletionSource<Answer> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_answers) _answers[command] = answer;
        command.SetCdb(cdb);
        command.Lun = lun ?? Lun.FromNumber(1);
        command.Tag = ++_nextTag;
        command.Attribute = attribute;
        command.ExpectedDataOut = dataOut;
        command.ExpectedDataIn = dataIn;
        command.Transport = this;
        command.TransportState = list;
        nexus.Submit(command);
        return answer.Task;
    }

    /// <summary>Takes the unit attention of a new nexus.</summary>
    public async Task<TestInitiator> ReadyAsync(int lun = 1)
    {
        Answer answer = await SendAsync(ProbeDevice.Reply, lun: lun);
        Assert.AreEqual(SenseKey.UnitAttention, answer.Outcome.Sense.Key);
        return this;
    }

    public void SendData(ulong tag, DataOutResult result = DataOutResult.Arrived)
    {
        ScsiCommand command;
        lock (_answers)
        {
            if (!_awaiting.Remove(tag, out command!)) return;
        }

        nexus.DataOutArrived(command, result);
    }

    public DataBuffer? TryRent(ScsiCommand command, DataDirection direction, int length) => HasMemory ? DataBuffer.Wrap(new byte[length]) : null;

    public DataOutProgress ReceiveDataOut(ScsiCommand command)
    {
        if (command.TransportState is byte[] list) command.DataOut.CopyFrom(list.AsSpan(0, Math.Min(list.Length, command.DataOut.Length)));
        if (!HoldsData) return DataOutProgress.Completed;
        lock (_answers) _awaiting[command.Tag] = command;
        return DataOutProgress.Pending;
    }

    public void Complete(ScsiCommand command) => Answer(command, dropped: false);

    public void Drop(ScsiCommand command) => Answer(command, dropped: true);

    private void Answer(ScsiCommand command, bool dropped)
    {
        TaskCompletionSource<Answer> source;
        lock (_answers)
        {
            _ = _answers.Remove(command, out source!);
            _awaiting.Remove(command.Tag);
        }

        byte[] data = dropped ? [] : command.DataIn.Slice(0, command.SentDataIn).ToArray();
        Answer answer = new(dropped, command.Outcome, data, command.ResidualIn, command.ResidualOut, command.SenseBytes.ToArray());
        command.Release();
        source.SetResult(answer);
    }
}
