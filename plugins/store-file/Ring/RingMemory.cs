using System.Runtime.InteropServices;
using TgtModular.Stores.Native;

namespace TgtModular.Stores.Ring;

/// <summary>
/// The memory that a ring shares with the kernel: a queue of requests, which we fill and the kernel empties, and one of completions. Each side writes its own
/// index only, with release, and reads the other's with acquire.
/// </summary>
internal sealed unsafe class RingMemory : IDisposable
{
    private const int ReadWrite = 3; // PROT_READ | PROT_WRITE
    private const int Shared = 0x8001; // MAP_SHARED | MAP_POPULATE
    private const nint Failed = -1;

    private readonly nint _rings;
    private readonly nuint _ringsLength;
    private readonly nint _entries;
    private readonly nuint _entriesLength;
    private readonly uint _mask;
    private readonly uint _completionMask;
    private readonly uint* _head;
    private readonly uint* _tail;
    private readonly uint* _completionHead;
    private readonly uint* _completionTail;
    private readonly CompletionEntry* _completions;
    private readonly IoVector* _vectors; // of each place: the kernel copies them when it takes the request
    private uint _next;

    private RingMemory(nint rings, nuint ringsLength, nint entries, nuint entriesLength, in UringParameters parameters)
    {
        (_rings, _ringsLength, _entries, _entriesLength) = (rings, ringsLength, entries, entriesLength);
        byte* start = (byte*)rings;
        _head = (uint*)(start + parameters.Submission.Head);
        _tail = (uint*)(start + parameters.Submission.Tail);
        _mask = parameters.SubmissionEntries - 1;
        _completionHead = (uint*)(start + parameters.Completion.Head);
        _completionTail = (uint*)(start + parameters.Completion.Tail);
        _completionMask = parameters.CompletionEntries - 1;
        _completions = (CompletionEntry*)(start + parameters.Completion.Queue);
        uint* order = (uint*)(start + parameters.Submission.Array);
        for (uint i = 0; i < parameters.SubmissionEntries; i++) order[i] = i;
        _vectors = (IoVector*)NativeMemory.Alloc(parameters.SubmissionEntries * SegmentVectors.Most, (nuint)sizeof(IoVector));
        _next = *_tail;
    }

    /// <summary>Requests that the kernel has not taken yet.</summary>
    public uint Unsubmitted => _next - Volatile.Read(ref *_head);

    public static RingMemory? TryMap(int ring, in UringParameters parameters)
    {
        // IORING_FEAT_SINGLE_MMAP: both queues are in one map.
        nuint ringsLength = Math.Max(
            parameters.Submission.Array + (parameters.SubmissionEntries * sizeof(uint)),
            parameters.Completion.Queue + (parameters.CompletionEntries * (uint)sizeof(CompletionEntry)));
        nuint entriesLength = parameters.SubmissionEntries * (uint)sizeof(SubmissionEntry);
        nint rings = Libc.Map(0, ringsLength, ReadWrite, Shared, ring, Uring.RingMap);
        if (rings == Failed) return null;
        nint entries = Libc.Map(0, entriesLength, ReadWrite, Shared, ring, Uring.EntryMap);
        if (entries != Failed) return new RingMemory(rings, ringsLength, entries, entriesLength, parameters);
        _ = Libc.Unmap(rings, ringsLength);
        return null;
    }

    /// <summary>False when only the last place is left: it is kept for the one request that must always have one, the wake-up's.</summary>
    public bool HasRoom => Unsubmitted < _mask;

    /// <summary>The next free place.</summary>
    public SubmissionEntry* GetEntry() => (SubmissionEntry*)_entries + (_next & _mask);

    /// <summary>Copies vectors to where they stay until the kernel has taken the request in the next free place.</summary>
    public IoVector* Copy(IoVector* vectors, int count)
    {
        IoVector* place = _vectors + ((_next & _mask) * SegmentVectors.Most);
        new ReadOnlySpan<IoVector>(vectors, count).CopyTo(new Span<IoVector>(place, SegmentVectors.Most));
        return place;
    }

    /// <summary>The entry that was given out last is complete.</summary>
    public void Publish() => Volatile.Write(ref *_tail, ++_next);

    public bool TryTake(out CompletionEntry completion)
    {
        uint head = *_completionHead;
        if (head == Volatile.Read(ref *_completionTail))
        {
            completion = default;
            return false;
        }

        completion = _completions[head & _completionMask];
        Volatile.Write(ref *_completionHead, head + 1);
        return true;
    }

    public void Dispose()
    {
        _ = Libc.Unmap(_entries, _entriesLength);
        _ = Libc.Unmap(_rings, _ringsLength);
        NativeMemory.Free(_vectors);
    }
}
