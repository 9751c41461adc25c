using TgtModular.Buffers;

namespace TgtModular.TestKit;

/// <summary>
/// A pool that finds what goes wrong with leases: not returned, returned twice, used after the return, written past the end. Fresh memory is
/// filled with <see cref="FreshByte"/>, so that whoever relies on zeroes fails.
/// </summary>
public sealed class DiagnosticBufferPool : IBufferPool
{
    /// <summary>Content of memory that was just rented.</summary>
    public const byte FreshByte = 0xA5;

    private const int QuarantineLimit = 512;

    private readonly Lock _gate = new();
    private readonly HashSet<DiagnosticBuffer> _open = [];
    private readonly Queue<DiagnosticBuffer> _quarantine = new();
    private readonly List<string> _problems = [];
    private long _rentedBytes;

    /// <summary>Most bytes that may be out at once; beyond it <see cref="TryRent"/> gives null.</summary>
    public long Capacity { get; set; } = long.MaxValue;

    /// <summary>Longest segment: smaller values make every buffer a list of segments.</summary>
    public int SegmentLength { get; set; } = int.MaxValue;

    /// <summary>Addresses of segments are multiples of 4096 plus this.</summary>
    public int Misalignment { get; set; }

    /// <summary>When true, segments do not tell their address, as memory that nobody pinned.</summary>
    public bool HidePointers { get; set; }

    /// <summary>Leases that are out.</summary>
    public int Outstanding
    {
        get
        {
            lock (_gate) return _open.Count;
        }
    }

    /// <inheritdoc/>
    DataBuffer? IBufferPool.TryRent(int length, string tag) => TryRent(length, tag);

    /// <inheritdoc cref="IBufferPool.TryRent"/>
    public DiagnosticBuffer? TryRent(int length, string tag)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, 1);
        lock (_gate)
        {
            if (length > Capacity - _rentedBytes) return null;
            _rentedBytes += length;
            DiagnosticBuffer buffer = new(this, length, tag);
            _open.Add(buffer);
            return buffer;
        }
    }

    /// <summary>Rents, with content; for tests, where a bound is not expected.</summary>
    public DiagnosticBuffer Rent(ReadOnlySpan<byte> content, string tag = "test")
    {
        DiagnosticBuffer buffer = TryRent(Math.Max(1, content.Length), tag)
            ?? throw new InvalidOperationException($"the test's pool has no {content.Length} bytes left");
        buffer.Slice(0, content.Length).CopyFrom(content);
        return buffer;
    }

    /// <summary>Throws when a lease is out, or any misuse was seen.</summary>
    /// <exception cref="InvalidOperationException">The message lists every problem.</exception>
    public void Verify()
    {
        lock (_gate)
        {
            while (_quarantine.TryDequeue(out DiagnosticBuffer? buffer)) Release(buffer);
            string[] all = [.. _problems, .. _open.Select(buffer => $"never returned: {buffer}")];
            if (all.Length > 0) throw new InvalidOperationException("buffer pool: " + string.Join("; ", all));
        }
    }

    internal void Return(DiagnosticBuffer buffer)
    {
        lock (_gate)
        {
            if (!_open.Remove(buffer))
            {
                _problems.Add($"returned twice: {buffer}");
                return;
            }

            _rentedBytes -= buffer.Length;
            if (buffer.FindOverrun() is { } overrun) _problems.Add(overrun);
            buffer.Poison();
            _quarantine.Enqueue(buffer);
            if (_quarantine.Count > QuarantineLimit) Release(_quarantine.Dequeue());
        }
    }

    internal void Report(string problem)
    {
        lock (_gate) _problems.Add(problem);
    }

    private void Release(DiagnosticBuffer buffer)
    {
        if (buffer.FindLateWrite() is { } problem) _problems.Add(problem);
    }
}
