using System.Buffers.Binary;
using TgtModular.Devices;

namespace TgtModular.Scsi.Primary;

/// <summary>Builds a vital product data page, without its four byte header.</summary>
public delegate byte[] VpdPageBuilder(INexusView nexus);

/// <summary>The vital product data pages of a unit (SPC-4 section 7.8); page 00h lists itself and the others.</summary>
/// <param name="deviceType">PERIPHERAL DEVICE TYPE in each header.</param>
public sealed class VpdPageSet(PeripheralDeviceType deviceType)
{
    private readonly SortedDictionary<byte, VpdPageBuilder> _pages = [];

    /// <summary>Codes of all pages, ascending.</summary>
    public IReadOnlyList<byte> Codes => [0x00, .. _pages.Keys];

    /// <summary>Adds a page.</summary>
    /// <exception cref="ArgumentException">The code is 00h, or there is such a page.</exception>
    public VpdPageSet Add(byte code, VpdPageBuilder body)
    {
        ArgumentOutOfRangeException.ThrowIfZero(code);
        _pages.Add(code, body);
        return this;
    }

    /// <summary>Builds a page whole.</summary>
    /// <returns>Null when there is no such page.</returns>
    public byte[]? Build(byte code, INexusView nexus)
    {
        byte[]? body = code == 0 ? [.. Codes] : _pages.TryGetValue(code, out VpdPageBuilder? builder) ? builder(nexus) : null;
        if (body is null) return null;
        byte[] page = new byte[4 + body.Length];
        page[0] = (byte)deviceType;
        page[1] = code;
        BinaryPrimitives.WriteUInt16BigEndian(page.AsSpan(2), (ushort)body.Length);
        body.CopyTo(page, 4);
        return page;
    }
}
