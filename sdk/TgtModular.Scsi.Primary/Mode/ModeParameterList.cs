using System.Buffers.Binary;

namespace TgtModular.Scsi.Primary;

/// <summary>Reads the parameter list of MODE SELECT (SPC-4 section 7.5): all pages are checked before any takes effect.</summary>
internal static class ModeParameterList
{
    /// <summary>Reads a list.</summary>
    /// <param name="list">The parameter list, whole.</param>
    /// <param name="longHeader">The ten byte command's header.</param>
    /// <param name="pages">The unit's pages.</param>
    /// <param name="owner">Checks block descriptors.</param>
    /// <param name="changes">The pages of the list.</param>
    /// <returns>Null, or why the list is refused.</returns>
    public static SenseData? Read(
        ReadOnlySpan<byte> list, bool longHeader, ModePageSet pages, IModeParameterOwner owner, out List<ModePageChange> changes)
    {
        changes = [];
        int offset = longHeader ? 8 : 4;
        if (list.Length < offset) return Sense.ParameterListLengthError;
        int mediumTypeAt = longHeader ? 2 : 1;
        if (list[mediumTypeAt] != owner.MediumType) return Sense.InvalidFieldInParameterList(mediumTypeAt);
        bool longLba = longHeader && (list[4] & 0x01) != 0;
        int descriptorLength = longHeader ? BinaryPrimitives.ReadUInt16BigEndian(list[6..]) : list[3];
        if (list.Length - offset < descriptorLength) return Sense.ParameterListLengthError;
        int badDescriptor = owner.FindUnacceptableBlockDescriptor(list.Slice(offset, descriptorLength), longLba);
        if (badDescriptor >= 0) return Sense.InvalidFieldInParameterList(offset + badDescriptor);
        offset += descriptorLength;
        while (offset < list.Length)
        {
            if (ReadPage(list, ref offset, pages, changes) is { } refusal) return refusal;
        }

        return null;
    }

    private static SenseData? ReadPage(ReadOnlySpan<byte> list, ref int offset, ModePageSet pages, List<ModePageChange> changes)
    {
        ReadOnlySpan<byte> rest = list[offset..];
        bool subpage = (rest[0] & 0x40) != 0;
        int headerLength = subpage ? 4 : 2;
        if (rest.Length < headerLength) return Sense.ParameterListLengthError;
        ModePage? page = pages.Find((byte)(rest[0] & 0x3F), subpage ? rest[1] : (byte)0);
        if (page is null || page.HeaderLength != headerLength) return Sense.InvalidFieldInParameterList(offset, 5);
        int length = subpage ? BinaryPrimitives.ReadUInt16BigEndian(rest[2..]) : rest[1];
        if (length != page.Length) return Sense.InvalidFieldInParameterList(offset + (subpage ? 2 : 1));
        if (rest.Length - headerLength < length) return Sense.ParameterListLengthError;
        byte[] values = rest.Slice(headerLength, length).ToArray();
        int bad = page.Check(values);
        if (bad >= 0) return Sense.InvalidFieldInParameterList(offset + headerLength + bad);
        changes.Add(new ModePageChange(page, values));
        offset += headerLength + length;
        return null;
    }
}
