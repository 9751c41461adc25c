using System.Collections.Concurrent;
using TgtModular.Buffers;

namespace TgtModular.Core.Stores;

/// <summary>Memory of a store on lease, counted until it is returned. The objects are used again and again.</summary>
internal sealed class LentBuffer : DataBuffer
{
    private const int MaximumKept = 1024;

    private static readonly ConcurrentQueue<LentBuffer> Kept = new();

    private DataBuffer? _buffer;
    private CallGate? _gate;

    private LentBuffer()
    {
    }

    public override int Length => _buffer!.Length;

    public override int SegmentCount => _buffer!.SegmentCount;

    /// <summary>Counted in <paramref name="gate"/>, which was entered for it.</summary>
    public static LentBuffer Over(DataBuffer buffer, CallGate gate)
    {
        if (!Kept.TryDequeue(out LentBuffer? lent)) lent = new LentBuffer();
        lent._gate = gate;
        Volatile.Write(ref lent._buffer, buffer);
        return lent;
    }

    public override DataSegment GetSegment(int index) => _buffer!.GetSegment(index);

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _buffer, null) is not { } buffer) return;
        CallGate gate = _gate!;
        buffer.Dispose();
        if (Kept.Count < MaximumKept) Kept.Enqueue(this);
        gate.Leave();
    }
}
