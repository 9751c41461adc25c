using System.Threading.Tasks.Sources;

namespace TgtModular.Iscsi.Tests.Channels;

/// <summary>
/// One direction of a byte stream in memory: a ring of fixed size, one reader, one writer. Waiting allocates nothing. With <c>inline</c> whoever brings what
/// the other side waits for runs it on at once.
/// </summary>
internal sealed class BytePipe : IValueTaskSource<int>, IValueTaskSource
{
    private readonly Lock _gate = new();
    private readonly byte[] _ring;
    private ManualResetValueTaskSourceCore<int> _reader;
    private ManualResetValueTaskSourceCore<int> _writer;
    private int _start;
    private int _count;
    private Memory<byte> _readInto;
    private bool _readerWaits;
    private bool _writerWaits;
    private bool _completed;
    private bool _aborted;

    public BytePipe(int capacity, bool inline)
    {
        _ring = new byte[capacity];
        _reader.RunContinuationsAsynchronously = !inline;
        _writer.RunContinuationsAsynchronously = !inline;
    }

    /// <summary>Bytes that nobody has read.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _count;
        }
    }

    /// <summary>True when nothing more is written.</summary>
    public bool IsCompleted
    {
        get
        {
            lock (_gate) return _completed || _aborted;
        }
    }

    public ValueTask<int> ReadAsync(Memory<byte> buffer)
    {
        int taken;
        bool wake;
        lock (_gate)
        {
            if (_aborted) return ValueTask.FromException<int>(new IOException("the connection was reset"));
            if (_count == 0 && !_completed)
            {
                _reader.Reset();
                _readInto = buffer;
                _readerWaits = true;
                return new ValueTask<int>(this, _reader.Version);
            }

            taken = Take(buffer.Span);
            wake = TakeWriter();
        }

        if (wake) _writer.SetResult(0);
        return new ValueTask<int>(taken);
    }

    /// <summary>Puts as much in as fits; 0 means wait for room with <see cref="WaitForRoomAsync"/>.</summary>
    public int Write(ReadOnlySpan<byte> bytes)
    {
        int taken = 0;
        int written;
        bool wake;
        lock (_gate)
        {
            if (_aborted || _completed) throw new IOException("the connection was reset");
            written = Put(bytes);
            wake = written > 0 && _readerWaits;
            if (wake)
            {
                _readerWaits = false;
                taken = Take(_readInto.Span);
            }
        }

        if (wake) _reader.SetResult(taken);
        return written;
    }

    public ValueTask WaitForRoomAsync()
    {
        lock (_gate)
        {
            if (_aborted) return ValueTask.FromException(new IOException("the connection was reset"));
            if (_count < _ring.Length) return default;
            _writer.Reset();
            _writerWaits = true;
            return new ValueTask(this, _writer.Version);
        }
    }

    /// <summary>The writer is done; if it waits for room, it fails.</summary>
    public void Complete()
    {
        bool reader, writer;
        lock (_gate)
        {
            _completed = true;
            reader = _readerWaits;
            writer = _writerWaits;
            _readerWaits = _writerWaits = false;
        }

        if (reader) _reader.SetResult(0);
        if (writer) _writer.SetException(new IOException("the connection was reset"));
    }

    /// <summary>Both sides fail from now on.</summary>
    public void Abort()
    {
        bool reader, writer;
        lock (_gate)
        {
            _aborted = true;
            reader = _readerWaits;
            writer = _writerWaits;
            _readerWaits = _writerWaits = false;
        }

        if (reader) _reader.SetException(new IOException("the connection was reset"));
        if (writer) _writer.SetException(new IOException("the connection was reset"));
    }

    int IValueTaskSource<int>.GetResult(short token) => _reader.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource<int>.GetStatus(short token) => _reader.GetStatus(token);

    void IValueTaskSource<int>.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _reader.OnCompleted(continuation, state, token, flags);

    void IValueTaskSource.GetResult(short token) => _ = _writer.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _writer.GetStatus(token);

    void IValueTaskSource.OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _writer.OnCompleted(continuation, state, token, flags);

    private bool TakeWriter()
    {
        bool waits = _writerWaits;
        _writerWaits = false;
        return waits;
    }

    private int Take(Span<byte> destination)
    {
        int total = Math.Min(_count, destination.Length);
        int first = Math.Min(total, _ring.Length - _start);
        _ring.AsSpan(_start, first).CopyTo(destination);
        _ring.AsSpan(0, total - first).CopyTo(destination[first..]);
        _start = (_start + total) % _ring.Length;
        _count -= total;
        return total;
    }

    private int Put(ReadOnlySpan<byte> bytes)
    {
        int total = Math.Min(bytes.Length, _ring.Length - _count);
        int end = (_start + _count) % _ring.Length;
        int first = Math.Min(total, _ring.Length - end);
        bytes[..first].CopyTo(_ring.AsSpan(end));
        bytes[first..total].CopyTo(_ring);
        _count += total;
        return total;
    }
}
