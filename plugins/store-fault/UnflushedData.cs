using TgtModular.Buffers;

namespace TgtModular.Stores;

/// <summary>Bytes that were written and not flushed, in pages with a mark for each byte.</summary>
internal sealed class UnflushedData
{
    private const int PageLength = 4096;

    private readonly SortedDictionary<long, Page> _pages = [];

    /// <summary>Memory it takes, about.</summary>
    public long Bytes => _pages.Count * (long)PageLength;

    public void Write(long offset, DataSlice source)
    {
        foreach (DataSegment segment in source)
        {
            ReadOnlySpan<byte> rest = segment.Span;
            while (!rest.IsEmpty)
            {
                (long number, int within, int count) = First(offset, rest.Length);
                if (!_pages.TryGetValue(number, out Page? page)) _pages.Add(number, page = new Page());
                rest[..count].CopyTo(page.Data.AsSpan(within));
                page.Dirty.AsSpan(within, count).Fill(true);
                rest = rest[count..];
                offset += count;
            }
        }
    }

    /// <summary>Puts the unflushed bytes of a range over what was read from the medium.</summary>
    public void Overlay(long offset, DataSlice destination)
    {
        foreach (DataSegment segment in destination)
        {
            Span<byte> rest = segment.Span;
            while (!rest.IsEmpty)
            {
                (long number, int within, int count) = First(offset, rest.Length);
                if (_pages.TryGetValue(number, out Page? page)) page.CopyDirty(within, rest[..count]);
                rest = rest[count..];
                offset += count;
            }
        }
    }

    /// <summary>Forgets a range: newer data went to the medium itself.</summary>
    public void Forget(long offset, long length)
    {
        long end = offset + length;
        foreach (long number in _pages.Keys.Where(number => number * PageLength < end && (number + 1) * PageLength > offset).ToArray())
        {
            long start = number * PageLength;
            int from = (int)Math.Max(0, offset - start);
            int until = (int)Math.Min(PageLength, end - start);
            bool[] dirty = _pages[number].Dirty;
            dirty.AsSpan(from, until - from).Clear();
            if (!dirty.AsSpan().Contains(true)) _pages.Remove(number);
        }
    }

    public void Clear() => _pages.Clear();

    /// <summary>Contiguous unflushed bytes, page by page, ascending.</summary>
    public IEnumerable<(long Offset, Memory<byte> Data)> Runs()
    {
        foreach ((long number, Page page) in _pages)
        {
            int start = 0;
            while ((start = Array.IndexOf(page.Dirty, true, start)) >= 0)
            {
                int end = Array.IndexOf(page.Dirty, false, start);
                if (end < 0) end = PageLength;
                yield return ((number * PageLength) + start, page.Data.AsMemory(start, end - start));
                if (end == PageLength) break;
                start = end;
            }
        }
    }

    private static (long Number, int Within, int Count) First(long offset, int length)
    {
        int within = (int)(offset % PageLength);
        return (offset / PageLength, within, Math.Min(length, PageLength - within));
    }

    private sealed class Page
    {
        public byte[] Data { get; } = new byte[PageLength];

        public bool[] Dirty { get; } = new bool[PageLength];

        public void CopyDirty(int offset, Span<byte> destination)
        {
            for (int i = 0; i < destination.Length; i++)
            {
                if (Dirty[offset + i]) destination[i] = Data[offset + i];
            }
        }
    }
}
