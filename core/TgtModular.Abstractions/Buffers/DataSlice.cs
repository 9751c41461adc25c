namespace TgtModular.Buffers;

/// <summary>A range of a <see cref="DataBuffer"/>; may span segments. The default value is an empty slice.</summary>
public readonly struct DataSlice : IEquatable<DataSlice>
{
    private readonly DataBuffer? _buffer;
    private readonly int _offset;

    /// <summary>A range that the caller has already checked to lie within <paramref name="buffer"/>.</summary>
    internal DataSlice(DataBuffer buffer, int offset, int length)
    {
        _buffer = buffer;
        _offset = offset;
        Length = length;
    }

    /// <summary>Bytes.</summary>
    public int Length { get; }

    /// <summary>True when there are no bytes.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>A part of this slice.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The part does not lie within the slice.</exception>
    public DataSlice Slice(int offset, int length)
    {
        if ((uint)offset > (uint)Length || (uint)length > (uint)(Length - offset))
            throw new ArgumentOutOfRangeException(nameof(length), $"offset {offset} and length {length} exceed the slice's {Length} bytes");
        return length == 0 ? default : new DataSlice(_buffer!, _offset + offset, length);
    }

    /// <summary>The slice from <paramref name="offset"/> on.</summary>
    public DataSlice Slice(int offset) => Slice(offset, Length - offset);

    /// <summary>True, with the segment, when the slice lies in one segment: the usual case.</summary>
    public bool TryGetSingle(out DataSegment segment)
    {
        Enumerator segments = GetEnumerator();
        segment = segments.MoveNext() ? segments.Current : default;
        return segment.Length == Length;
    }

    /// <summary>Copies out of the slice.</summary>
    /// <param name="destination">At least <see cref="Length"/> bytes.</param>
    public void CopyTo(Span<byte> destination)
    {
        foreach (DataSegment segment in this)
        {
            segment.Span.CopyTo(destination);
            destination = destination[segment.Length..];
        }
    }

    /// <summary>Copies into the slice.</summary>
    /// <param name="source">At most <see cref="Length"/> bytes.</param>
    public void CopyFrom(ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(source.Length, Length, nameof(source));
        foreach (DataSegment segment in this)
        {
            if (source.IsEmpty) return;
            int count = Math.Min(source.Length, segment.Length);
            source[..count].CopyTo(segment.Span);
            source = source[count..];
        }
    }

    /// <summary>Copies another slice of at most this length into this one.</summary>
    public void CopyFrom(DataSlice source)
    {
        int offset = 0;
        foreach (DataSegment segment in source)
        {
            Slice(offset, segment.Length).CopyFrom(segment.Span);
            offset += segment.Length;
        }
    }

    /// <summary>Sets every byte to zero.</summary>
    public void Clear()
    {
        foreach (DataSegment segment in this) segment.Span.Clear();
    }

    /// <summary>The bytes as a new array; for parameter lists, not for block data.</summary>
    public byte[] ToArray()
    {
        byte[] bytes = new byte[Length];
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>Enumerates the segments of the range.</summary>
    public Enumerator GetEnumerator() => new(this);

    /// <inheritdoc/>
    public bool Equals(DataSlice other) => ReferenceEquals(_buffer, other._buffer) && _offset == other._offset && Length == other.Length;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is DataSlice other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_buffer, _offset, Length);

    /// <summary>Same range of the same buffer.</summary>
    public static bool operator ==(DataSlice left, DataSlice right) => left.Equals(right);

    /// <summary>Not the same range.</summary>
    public static bool operator !=(DataSlice left, DataSlice right) => !left.Equals(right);

    /// <summary>Walks the segments of a slice.</summary>
    public struct Enumerator
    {
        private readonly DataBuffer? _buffer;
        private int _skip;
        private int _left;
        private int _index;

        internal Enumerator(DataSlice slice)
        {
            _buffer = slice._buffer;
            _skip = slice._offset;
            _left = slice.Length;
            _index = 0;
        }

        /// <summary>The current part.</summary>
        public DataSegment Current { get; private set; }

        /// <summary>Goes to the next part.</summary>
        public bool MoveNext()
        {
            while (_left > 0)
            {
                DataSegment segment = _buffer!.GetSegment(_index++);
                if (_skip >= segment.Length)
                {
                    _skip -= segment.Length;
                    continue;
                }

                int count = Math.Min(segment.Length - _skip, _left);
                Current = segment.Slice(_skip, count);
                _skip = 0;
                _left -= count;
                return true;
            }

            return false;
        }
    }
}
