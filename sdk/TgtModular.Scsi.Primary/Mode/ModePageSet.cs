using System.Buffers;
using System.Buffers.Binary;

namespace TgtModular.Scsi.Primary;

/// <summary>The mode pages of a unit in ascending order.</summary>
public sealed class ModePageSet
{
    internal const byte AllPages = 0x3F;

    private const byte AllSubpages = 0xFF;
    private const byte DocumentVersion = 1;

    private volatile ModePage[] _pages;

    /// <summary>A set of these pages.</summary>
    /// <exception cref="ArgumentException">Two pages have the same codes.</exception>
    public ModePageSet(IEnumerable<ModePage> pages) => _pages = Sort(pages);

    /// <summary>The pages.</summary>
    public IReadOnlyList<ModePage> Pages => _pages;

    /// <summary>The page of these codes; null when there is none.</summary>
    public ModePage? Find(byte code, byte subcode) => Array.Find(_pages, page => page.Code == code && page.Subcode == subcode);

    /// <summary>Adds a page to a running unit.</summary>
    /// <exception cref="ArgumentException">There is a page with its codes.</exception>
    public void Add(ModePage page) => _pages = Sort([.. _pages, page]);

    /// <summary>Writes what MODE SENSE asks for.</summary>
    /// <param name="destination">Takes the pages with their headers.</param>
    /// <param name="control">Which values.</param>
    /// <param name="code">PAGE CODE; 3Fh for all.</param>
    /// <param name="subcode">SUBPAGE CODE; FFh for all.</param>
    /// <returns>False when there is no such page.</returns>
    public bool TryWrite(IBufferWriter<byte> destination, ModePageControl control, byte code, byte subcode)
    {
        ArgumentNullException.ThrowIfNull(destination);
        if (code == AllPages && subcode is not (0 or AllSubpages)) return false;
        bool found = false;
        foreach (ModePage page in _pages)
        {
            if (code != AllPages && page.Code != code) continue;
            if (subcode != AllSubpages && page.Subcode != subcode) continue;
            found = true;
            Write(destination, page, control);
        }

        return found;
    }

    /// <summary>The current values of all pages that can be saved, for the journal.</summary>
    public byte[] ToDocument()
    {
        ArrayBufferWriter<byte> document = new();
        document.Write([DocumentVersion]);
        foreach (ModePage page in _pages.Where(page => page.Savable))
        {
            Span<byte> header = [page.Code, page.Subcode, 0, 0];
            BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)page.Length);
            document.Write(header);
            document.Write(page.Current.Span);
        }

        return document.WrittenSpan.ToArray();
    }

    /// <summary>Takes saved values; pages and bits that are not known or not changeable today are passed over.</summary>
    /// <returns>False when the document cannot be understood; nothing was taken then.</returns>
    public bool TryLoad(ReadOnlySpan<byte> document)
    {
        if (document.IsEmpty || document[0] != DocumentVersion) return false;
        List<(ModePage? Page, byte[] Values)> read = [];
        ReadOnlySpan<byte> rest = document[1..];
        while (!rest.IsEmpty)
        {
            if (rest.Length < 4) return false;
            int length = BinaryPrimitives.ReadUInt16BigEndian(rest[2..]);
            if (rest.Length - 4 < length) return false;
            read.Add((Find(rest[0], rest[1]), rest.Slice(4, length).ToArray()));
            rest = rest[(4 + length)..];
        }

        foreach ((ModePage? page, byte[] values) in read) page?.LoadSaved(values);
        return true;
    }

    /// <summary>Back to the saved values, as a reset does.</summary>
    public void Reset()
    {
        foreach (ModePage page in _pages) page.RestoreSaved();
    }

    internal void SaveCurrent()
    {
        foreach (ModePage page in _pages) page.Save();
    }

    private static void Write(IBufferWriter<byte> destination, ModePage page, ModePageControl control)
    {
        ReadOnlySpan<byte> values = page.Get(control).Span;
        byte savable = (byte)(page.Savable ? 0x80 : 0);
        if (page.Subcode == 0)
        {
            destination.Write([(byte)(savable | page.Code), (byte)values.Length]);
        }
        else
        {
            Span<byte> header = [(byte)(savable | 0x40 | page.Code), page.Subcode, 0, 0];
            BinaryPrimitives.WriteUInt16BigEndian(header[2..], (ushort)values.Length);
            destination.Write(header);
        }

        destination.Write(values);
    }

    private static ModePage[] Sort(IEnumerable<ModePage> pages)
    {
        ModePage[] sorted = [.. pages.OrderBy(page => page.Code).ThenBy(page => page.Subcode)];
        for (int i = 1; i < sorted.Length; i++)
        {
            if (sorted[i].Code == sorted[i - 1].Code && sorted[i].Subcode == sorted[i - 1].Subcode)
                throw new ArgumentException($"mode page {sorted[i].Code:X2}h/{sorted[i].Subcode:X2}h stands twice", nameof(pages));
        }

        return sorted;
    }
}
