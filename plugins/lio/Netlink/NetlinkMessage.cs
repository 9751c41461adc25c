using System.Runtime.InteropServices;

namespace TgtModular.Lio.Netlink;

/// <summary>
/// One message of generic netlink (linux/netlink.h, linux/genetlink.h), in the machine's own byte order.
/// <code>
///  0 u32 length  4 u16 type (family, or 2 for an error)  6 u16 flags  8 u32 sequence  12 u32 port
/// 16 u8  command 17 u8 version  18 u16 -                                  16 i32 errno, negative
/// 20 attributes: u16 length, u16 type, value, padded to four bytes
/// </code>
/// </summary>
internal readonly ref struct NetlinkMessage
{
    public const int HeaderLength = 16;
    public const int GenericHeaderLength = 20;
    public const ushort ErrorType = 2;

    private readonly ReadOnlySpan<byte> _bytes;

    private NetlinkMessage(ReadOnlySpan<byte> bytes) => _bytes = bytes;

    /// <summary>Family, or <see cref="ErrorType"/>.</summary>
    public ushort Type => MemoryMarshal.Read<ushort>(_bytes[4..]);

    /// <summary>Sequence number of the request.</summary>
    public uint Sequence => MemoryMarshal.Read<uint>(_bytes[8..]);

    /// <summary>Of a message of <see cref="ErrorType"/>: 0 for success, else an error number.</summary>
    public int Error => _bytes.Length < GenericHeaderLength ? 0 : -MemoryMarshal.Read<int>(_bytes[HeaderLength..]);

    /// <summary>Command of the family.</summary>
    public byte Command => _bytes.Length < GenericHeaderLength ? (byte)0 : _bytes[HeaderLength];

    /// <summary>The attributes.</summary>
    public NetlinkAttributes Attributes => new(_bytes.Length < GenericHeaderLength ? default : _bytes[GenericHeaderLength..]);

    /// <summary>Takes the first message of what was received.</summary>
    /// <returns>False when there is none, or it is cut off.</returns>
    public static bool TryRead(ref ReadOnlySpan<byte> received, out NetlinkMessage message)
    {
        message = default;
        if (received.Length < HeaderLength) return false;
        uint length = MemoryMarshal.Read<uint>(received);
        if (length < HeaderLength || length > (uint)received.Length) return false;
        message = new NetlinkMessage(received[..(int)length]);
        received = received[Math.Min(NetlinkAttributes.Align((int)length), received.Length)..];
        return true;
    }
}

/// <summary>Walks the attributes of a message, or those in an attribute.</summary>
internal ref struct NetlinkAttributes(ReadOnlySpan<byte> bytes)
{
    public const int HeaderLength = 4;

    private const ushort TypeMask = 0x3FFF;

    private ReadOnlySpan<byte> _rest = bytes;

    /// <summary>Type of the current attribute.</summary>
    public int Type { get; private set; }

    /// <summary>Value of the current attribute.</summary>
    public ReadOnlySpan<byte> Value { get; private set; }

    /// <summary>Attributes inside the current one.</summary>
    public readonly NetlinkAttributes Inner => new(Value);

    /// <summary>Goes on to the next attribute; one that is cut off ends the walk.</summary>
    public bool MoveNext()
    {
        if (_rest.Length < HeaderLength) return false;
        ushort length = MemoryMarshal.Read<ushort>(_rest);
        if (length < HeaderLength || length > _rest.Length) return false;
        Type = MemoryMarshal.Read<ushort>(_rest[2..]) & TypeMask;
        Value = _rest[HeaderLength..length];
        _rest = _rest[Math.Min(Align(length), _rest.Length)..];
        return true;
    }

    /// <summary>A text without the zero that ends it.</summary>
    public readonly string GetText()
    {
        int end = Value.IndexOf((byte)0);
        return System.Text.Encoding.UTF8.GetString(end < 0 ? Value : Value[..end]);
    }

    /// <summary>A whole number of one, two, four or eight bytes; null for anything else.</summary>
    public readonly long? GetNumber() => Value.Length switch
    {
        1 => Value[0],
        2 => MemoryMarshal.Read<ushort>(Value),
        4 => MemoryMarshal.Read<uint>(Value),
        8 => MemoryMarshal.Read<long>(Value),
        _ => null,
    };

    /// <summary>Rounds up to four bytes.</summary>
    public static int Align(int length) => (length + 3) & ~3;
}
