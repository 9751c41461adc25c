using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TgtModular.Stores.Native;

namespace TgtModular.Stores.Ring;

/// <summary>
/// An io_uring of Linux for one file. Where the kernel can, completions are worked on in the ring's thread only (IORING_SETUP_DEFER_TASKRUN) and
/// interrupt nobody else.
/// </summary>
internal sealed unsafe class KernelRing : IRing
{
    /// <summary>Requests that may be added between two calls of the kernel.</summary>
    public const int Entries = 256;

    private const ulong WakeKey = ulong.MaxValue;
    private const uint Durable = 0x2; // RWF_DSYNC
    private const uint NeededFeatures = Uring.SingleMap | Uring.NeverDrops | Uring.SubmitStable | Uring.FastPoll;

    private readonly RingMemory _memory;
    private readonly int _ring;
    private readonly int _event;
    private readonly int _file;
    private readonly bool _registered;
    private readonly ulong* _wakeValue;
    private bool _wakeArmed;

    private KernelRing(int ring, int wake, RingMemory memory, int file)
    {
        _ring = ring;
        _event = wake;
        _memory = memory;
        _file = file;
        _registered = Uring.Register(ring, Uring.RegisterFiles, &file, 1) >= 0;
        _wakeValue = (ulong*)NativeMemory.AllocZeroed(sizeof(ulong));
    }

    /// <summary>Makes a ring; null, with the reason, where there is none to be had.</summary>
    /// <param name="file">Descriptor that most requests are for.</param>
    /// <param name="problem">Why not, for people.</param>
    public static KernelRing? TryCreate(int file, out string problem)
    {
        // From the newest kernel to the oldest (5.10) that will do.
        Span<uint> traits = [Uring.SubmitsAll | Uring.SingleIssuer | Uring.DefersTaskWork, 0];
        UringParameters parameters = default;
        int ring = -ErrorNumber.InvalidArgument;
        for (int i = 0; i < traits.Length && ring == -ErrorNumber.InvalidArgument; i++)
        {
            parameters = new UringParameters { Flags = Uring.StartsDisabled | traits[i] };
            ring = Uring.Setup(Entries, &parameters);
        }

        problem = ring < 0 ? Explain(-ring) : FindMissing(ring, parameters.Features);
        if (problem.Length > 0)
        {
            if (ring >= 0) _ = Libc.Close(ring);
            return null;
        }

        RingMemory? memory = RingMemory.TryMap(ring, parameters);
        int wake = memory is null ? -1 : Libc.CreateEvent(0, OpenFlags.CloseOnExec);
        if (wake >= 0) return new KernelRing(ring, wake, memory!, file);
        problem = $"io_uring: {ErrorNumber.Describe(Marshal.GetLastPInvokeError())}";
        memory?.Dispose();
        _ = Libc.Close(ring);
        return null;
    }

    public void Enable()
    {
        int result = Uring.Register(_ring, Uring.EnableRings, null, 0);
        if (result < 0) throw Failed("io_uring_register", -result);
    }

    public bool HasRoom => _memory.HasRoom;

    public void Add(in RingRequest request)
    {
        SubmissionEntry* entry = _memory.GetEntry();
        bool isRead = request.Call == RingCall.Read;
        *entry = new SubmissionEntry
        {
            Operation = request.Call == RingCall.DataSync ? Uring.Sync : isRead ? Uring.Read : Uring.Write,
            Descriptor = request.Descriptor,
            Offset = request.Offset,
            UserData = (ulong)request.Key,
            Flags = request.OnKernelThread ? Uring.OnKernelThread : (byte)0,
            Traits = request.Call switch { RingCall.DataSync => Uring.DataSync, RingCall.WriteDurably => Durable, _ => 0 },
        };
        if (_registered && request.Descriptor == _file)
        {
            entry->Descriptor = 0;
            entry->Flags |= Uring.FixedFile;
        }

        if (request.Count == 1)
        {
            entry->Address = request.Vectors->Base;
            entry->Length = (uint)request.Vectors->Length;
        }
        else if (request.Count > 1)
        {
            entry->Operation = isRead ? Uring.ReadVectors : Uring.WriteVectors;
            entry->Address = (nint)_memory.Copy(request.Vectors, request.Count);
            entry->Length = (uint)request.Count;
        }

        _memory.Publish();
    }

    public void Enter(bool wait)
    {
        if (wait && !_wakeArmed) ArmWake();
        int result = Uring.Enter(_ring, _memory.Unsubmitted, wait ? 1u : 0u, Uring.GetEvents);
        // EAGAIN and EBUSY: the kernel is short of memory, or has completions that must be taken first. Nothing is lost; the caller comes again.
        if (result is >= 0 or -ErrorNumber.Interrupted) return;
        if (result is not (-ErrorNumber.WouldBlock or -ErrorNumber.Busy)) throw Failed("io_uring_enter", -result);
        Thread.Yield();
    }

    public bool TryTake(out RingCompletion completion)
    {
        while (_memory.TryTake(out CompletionEntry entry))
        {
            if (entry.UserData == WakeKey)
            {
                _wakeArmed = false;
                continue;
            }

            completion = new RingCompletion((int)entry.UserData, entry.Result);
            return true;
        }

        completion = default;
        return false;
    }

    public void Wake()
    {
        ulong one = 1;
        _ = Libc.Write(_event, &one, sizeof(ulong));
    }

    public void Dispose()
    {
        // By itself: the kernel takes a ring apart some time after it is closed, and would keep the file open until then.
        if (_registered) _ = Uring.Register(_ring, Uring.UnregisterFiles, null, 0);
        // The wake-up's read ends first, so that nobody writes to memory that is given back.
        Wake();
        while (_wakeArmed)
        {
            Enter(wait: true);
            _ = TryTake(out _);
        }

        _ = Libc.Close(_ring);
        _ = Libc.Close(_event);
        _memory.Dispose();
        NativeMemory.Free(_wakeValue);
    }

    private void ArmWake()
    {
        SubmissionEntry* entry = _memory.GetEntry();
        *entry = new SubmissionEntry { Operation = Uring.Read, Descriptor = _event, Offset = -1, Address = (nint)_wakeValue, Length = sizeof(ulong), UserData = WakeKey };
        _memory.Publish();
        _wakeArmed = true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static IOException Failed(string call, int error) => new($"{call}: {ErrorNumber.Describe(error)}");

    private static string Explain(int error) => error switch
    {
        ErrorNumber.NoSystemCall => "this kernel has no io_uring",
        ErrorNumber.NotPermitted or ErrorNumber.NoAccess => "io_uring is forbidden here, by the sysctl kernel.io_uring_disabled or by a container's system call filter",
        ErrorNumber.NoMemory => "there is not enough memory for an io_uring, or the limit of locked memory (ulimit -l) is too low",
        ErrorNumber.InvalidArgument => "this kernel's io_uring is too old: Linux 5.10 or later is needed",
        _ => $"io_uring_setup: {ErrorNumber.Describe(error)}",
    };

    private static string FindMissing(int ring, uint features)
    {
        if ((features & NeededFeatures) != NeededFeatures) return "this kernel's io_uring is too old: Linux 5.10 or later is needed";
        const int HeadLength = 16, RowLength = 8, Rows = 256; // struct io_uring_probe, io_uring_probe_op
        byte* probe = stackalloc byte[HeadLength + (Rows * RowLength)];
        new Span<byte>(probe, HeadLength + (Rows * RowLength)).Clear();
        int result = Uring.Register(ring, Uring.RegisterProbe, probe, Rows);
        if (result < 0) return $"io_uring does not tell what it can do: {ErrorNumber.Describe(-result)}";
        foreach (byte operation in (ReadOnlySpan<byte>)[Uring.ReadVectors, Uring.WriteVectors, Uring.Sync, Uring.Read, Uring.Write])
        {
            bool supported = (*(ushort*)(probe + HeadLength + (operation * RowLength) + 2) & 1) != 0; // IO_URING_OP_SUPPORTED
            if (!supported) return $"this kernel's io_uring lacks operation {operation}";
        }

        return "";
    }
}
