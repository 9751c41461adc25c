using System.Runtime.InteropServices;
using System.Text;

namespace TgtModular.Lio.Netlink;

/// <summary>Writes one message for a family of generic netlink.</summary>
internal sealed class NetlinkRequest
{
    private const ushort RequestFlag = 1; // NLM_F_REQUEST

    private readonly byte[] _bytes = new byte[512];
    private int _length = NetlinkMessage.GenericHeaderLength;

    /// <summary>A request without attributes.</summary>
    public NetlinkRequest(ushort family, byte command, byte version, uint sequence)
    {
        MemoryMarshal.Write(_bytes.AsSpan(4), family);
        MemoryMarshal.Write(_bytes.AsSpan(6), RequestFlag);
        MemoryMarshal.Write(_bytes.AsSpan(8), sequence);
        _bytes[NetlinkMessage.HeaderLength] = command;
        _bytes[NetlinkMessage.HeaderLength + 1] = version;
    }

    /// <summary>The message.</summary>
    public ReadOnlySpan<byte> Bytes
    {
        get
        {
            MemoryMarshal.Write(_bytes, (uint)_length);
            return _bytes.AsSpan(0, _length);
        }
    }

    /// <summary>Adds a text with the zero that ends it.</summary>
    public NetlinkRequest Add(int type, string value) => Add(type, Encoding.UTF8.GetBytes(value + '\0'));

    /// <summary>Adds a number of one byte.</summary>
    public NetlinkRequest Add(int type, byte value) => Add(type, [value]);

    /// <summary>Adds a number of four bytes.</summary>
    public NetlinkRequest Add(int type, int value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        MemoryMarshal.Write(bytes, value);
        return Add(type, bytes);
    }

    private NetlinkRequest Add(int type, ReadOnlySpan<byte> value)
    {
        MemoryMarshal.Write(_bytes.AsSpan(_length), (ushort)(NetlinkAttributes.HeaderLength + value.Length));
        MemoryMarshal.Write(_bytes.AsSpan(_length + 2), (ushort)type);
        value.CopyTo(_bytes.AsSpan(_length + NetlinkAttributes.HeaderLength));
        _length = NetlinkAttributes.Align(_length + NetlinkAttributes.HeaderLength + value.Length);
        return this;
    }
}
