using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.ContractShapes.Transports;

/// <summary>A region that an adapter may move: pinned bytes under a key.</summary>
internal sealed class RegisteredRegion(int length)
{
    public byte[] Bytes { get; } = GC.AllocateArray<byte>(length, pinned: true);

    public bool Holds(DataSegment segment) => segment.Memory.Length == 0 || Bytes.AsSpan().Overlaps(segment.Span);
}

/// <summary>A command message: the initiator names its own memory by key instead of sending data.</summary>
internal sealed record RemoteCommand(byte[] Cdb, ulong Tag, RegisteredRegion? Write, RegisteredRegion? Read);

/// <summary>The answer message.</summary>
internal sealed record RemoteResponse(ulong Tag, ScsiStatus Status, long ResidualIn);

/// <summary>The fabric: moves bytes between registered regions only, and completes on a thread of its own.</summary>
internal sealed class FakeAdapter(RegisteredRegion local)
{
    /// <summary>Operations so far.</summary>
    public List<string> Operations { get; } = [];

    /// <summary>RDMA READ: from the initiator's memory into ours.</summary>
    public void Read(RegisteredRegion remote, DataSlice destination, Action completed)
    {
        RequireRegistered(destination);
        Note($"read {destination.Length}");
        Task.Run(() =>
        {
            destination.CopyFrom(remote.Bytes.AsSpan(0, destination.Length));
            completed();
        });
    }

    /// <summary>RDMA WRITE: from our memory into the initiator's.</summary>
    public void Write(RegisteredRegion remote, DataSlice source, Action completed)
    {
        RequireRegistered(source);
        Note($"write {source.Length}");
        Task.Run(() =>
        {
            source.CopyTo(remote.Bytes);
            completed();
        });
    }

    private void Note(string operation)
    {
        lock (Operations) Operations.Add(operation);
    }

    private void RequireRegistered(DataSlice slice)
    {
        foreach (DataSegment segment in slice)
        {
            if (!local.Holds(segment)) throw new InvalidOperationException("the adapter cannot reach memory that is not registered");
        }
    }
}

/// <summary>Shape 2: data move by remote reads and writes between registered regions; commands and answers are messages.</summary>
internal sealed class RemoteMemoryTransport : ICommandTransport, INexusObserver
{
    private const int SlotLength = 8192;

    private readonly RegisteredRegion _region = new(16 * SlotLength);
    private readonly Stack<int> _slots = new(Enumerable.Range(0, 16));
    private readonly INexus _nexus;
    private readonly Action<RemoteResponse> _respond;

    public RemoteMemoryTransport(ITransportTarget target, Action<RemoteResponse> respond)
    {
        Adapter = new FakeAdapter(_region);
        _respond = respond;
        _nexus = target.OpenNexus(new NexusRequest(new InitiatorIdentity("iqn.rdma"), TransportId.ForSrp(42), 0, this, 16))!;
    }

    public FakeAdapter Adapter { get; }

    public int FreeSlots => _slots.Count;

    /// <summary>A command message arrived.</summary>
    public void Receive(RemoteCommand message)
    {
        ScsiCommand command = _nexus.TryRentCommand()!;
        command.SetCdb(message.Cdb);
        command.Tag = message.Tag;
        command.ExpectedDataOut = message.Write?.Bytes.Length ?? 0;
        command.ExpectedDataIn = message.Read?.Bytes.Length ?? 0;
        command.Transport = this;
        command.TransportState = message;
        _nexus.Submit(command);
    }

    public DataBuffer? TryRent(ScsiCommand command, DataDirection direction, int length)
    {
        lock (_slots)
        {
            return length <= SlotLength && _slots.TryPop(out int slot) ? new Lease(this, slot, length) : null;
        }
    }

    public DataOutProgress ReceiveDataOut(ScsiCommand command)
    {
        RemoteCommand message = (RemoteCommand)command.TransportState!;
        Adapter.Read(message.Write!, command.DataOut, () => _nexus.DataOutArrived(command, DataOutResult.Arrived));
        return DataOutProgress.Pending;
    }

    public void Complete(ScsiCommand command)
    {
        RemoteCommand message = (RemoteCommand)command.TransportState!;
        RemoteResponse response = new(message.Tag, command.Outcome.Status, command.ResidualIn);
        if (command.SentDataIn == 0) Finish(command, response);
        else Adapter.Write(message.Read!, command.DataIn.Slice(0, command.SentDataIn), () => Finish(command, response));
    }

    public void Drop(ScsiCommand command) => command.Release();

    public void CloseRequested(NexusEnd end)
    {
    }

    /// <summary>The memory goes back only when the adapter has let go of it.</summary>
    private void Finish(ScsiCommand command, RemoteResponse response)
    {
        command.Release();
        _respond(response);
    }

    private sealed class Lease(RemoteMemoryTransport owner, int slot, int length) : DataBuffer
    {
        public override int Length => length;

        public override int SegmentCount => 1;

        public override DataSegment GetSegment(int index) => owner._region.Bytes.AsMemory(slot * SlotLength, length);

        protected override void Dispose(bool disposing)
        {
            lock (owner._slots) owner._slots.Push(slot);
        }
    }
}
