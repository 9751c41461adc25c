using System.IO.MemoryMappedFiles;
using TgtModular.Buffers;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.ContractShapes.Transports;

/// <summary>
/// A file that two sides map: head and tail, slots with a command each, and the data area behind them. The layout stands for a kernel's ring: the
/// sessions are its own, and the data of a command already lie in the pages when it is seen.
/// </summary>
internal sealed unsafe class RingFile : IDisposable
{
    public const int Slots = 8;
    public const int DataLength = 4096;
    private const int SlotLength = 64;
    private const int DataStart = 4096;

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _base;

    public RingFile(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.OpenOrCreate, null, DataStart + (Slots * DataLength));
        _view = _file.CreateViewAccessor();
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _base);
    }

    /// <summary>Entries that the initiator's side has written.</summary>
    public ref int Head => ref *(int*)_base;

    /// <summary>Entries that the target has taken.</summary>
    public ref int Tail => ref *(int*)(_base + 4);

    /// <summary>The entry of a slot: LUN, CDB length, CDB, then status and done flag.</summary>
    public Span<byte> Slot(int slot) => new(_base + 64 + (slot * SlotLength), SlotLength);

    public nint DataOf(int slot) => (nint)(_base + DataStart + (slot * DataLength));

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}

/// <summary>Shape 4: a command ring in a shared file.</summary>
internal sealed class RingTransport : ICommandTransport, INexusObserver
{
    public const int StatusAt = 40;
    public const int DoneAt = 41;

    private readonly RingFile _ring;
    private readonly INexus _nexus;

    public RingTransport(RingFile ring, ITransportTarget target)
    {
        _ring = ring;
        // One nexus for the kernel: who its initiators are it does not tell.
        _nexus = target.OpenNexus(new NexusRequest(new InitiatorIdentity("kernel"), TransportId.ForSrp(1), 0, this, RingFile.Slots))!;
    }

    /// <summary>Takes what has come into the ring.</summary>
    public void Poll()
    {
        while (_ring.Tail != Volatile.Read(ref _ring.Head)) Submit(_ring.Tail++ % RingFile.Slots);
    }

    public DataBuffer? TryRent(ScsiCommand command, DataDirection direction, int length) =>
        length <= RingFile.DataLength ? new MappedBuffer(_ring.DataOf((int)command.TransportState!), length) : null;

    /// <summary>The data lie there already.</summary>
    public DataOutProgress ReceiveDataOut(ScsiCommand command) => DataOutProgress.Completed;

    public void Complete(ScsiCommand command)
    {
        Span<byte> slot = _ring.Slot((int)command.TransportState!);
        slot[StatusAt] = (byte)command.Outcome.Status;
        command.Release();
        Volatile.Write(ref slot[DoneAt], 1);
    }

    public void Drop(ScsiCommand command) => command.Release();

    public void CloseRequested(NexusEnd end)
    {
    }

    private void Submit(int slot)
    {
        // The other side can change its page at any time: everything is copied before it is looked at.
        byte[] entry = _ring.Slot(slot).ToArray();
        ScsiCommand command = _nexus.TryRentCommand()!;
        command.SetCdb(entry.AsSpan(8, Math.Clamp((int)entry[1], 6, 16)));
        command.Lun = Lun.FromNumber(entry[0]);
        command.Tag = (ulong)slot;
        command.ExpectedDataOut = RingFile.DataLength;
        command.ExpectedDataIn = RingFile.DataLength;
        command.Transport = this;
        command.TransportState = slot;
        _nexus.Submit(command);
    }

    /// <summary>Mapped memory as a buffer: native, so it tells its address.</summary>
    private sealed unsafe class MappedBuffer(nint address, int length) : DataBuffer
    {
        private readonly MappedMemory _memory = new(address, length);

        public override int Length => length;

        public override int SegmentCount => 1;

        public override DataSegment GetSegment(int index) => new(_memory.Memory, address);

        protected override void Dispose(bool disposing)
        {
        }
    }

    private sealed unsafe class MappedMemory(nint address, int length) : System.Buffers.MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new((void*)address, length);

        public override System.Buffers.MemoryHandle Pin(int elementIndex = 0) => new((void*)(address + elementIndex));

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
