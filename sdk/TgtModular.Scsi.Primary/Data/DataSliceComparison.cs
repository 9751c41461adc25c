using TgtModular.Buffers;

namespace TgtModular.Scsi.Primary;

/// <summary>Compares data that lies in segments.</summary>
public static class DataSliceComparison
{
    /// <summary>Offset of the first byte in which two slices of equal length differ; -1 when there is none.</summary>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static int FirstDifference(DataSlice left, DataSlice right)
    {
        if (left.Length != right.Length) throw new ArgumentException("slices of different length cannot be compared", nameof(right));
        DataSlice.Enumerator rights = right.GetEnumerator();
        Span<byte> rest = default;
        int offset = 0;
        foreach (DataSegment segment in left)
        {
            Span<byte> bytes = segment.Span;
            while (!bytes.IsEmpty)
            {
                if (rest.IsEmpty)
                {
                    rights.MoveNext();
                    rest = rights.Current.Span;
                }

                int count = Math.Min(bytes.Length, rest.Length);
                int same = bytes[..count].CommonPrefixLength(rest[..count]);
                if (same < count) return offset + same;
                offset += count;
                bytes = bytes[count..];
                rest = rest[count..];
            }
        }

        return -1;
    }

    /// <summary>True when every byte is zero.</summary>
    public static bool IsZero(DataSlice slice)
    {
        foreach (DataSegment segment in slice)
        {
            if (segment.Span.ContainsAnyExcept((byte)0)) return false;
        }

        return true;
    }
}
