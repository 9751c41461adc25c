using System.Text;

namespace TgtModular.Tgt.Protocol;

/// <summary>
/// A request of the management socket: a header of 120 bytes in host byte order, then the body's text with a NUL that counts.
/// <code>
///   0 mode u32       4 operation u32   8 driver char[64]   72 length u32    76 tid i32        80 sid u64      88 lun u64
///  96 cid u32      100 host u32      104 device type u32  108 direction u32  112 pack u32   116 force u32
/// </code>
/// The driver is NUL-padded; length counts header and body.
/// </summary>
public sealed record ManagementRequest
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderLength = 120;

    /// <summary>Most bytes of a body, its NUL included.</summary>
    public const int MaximumBodyLength = 8192;

    /// <summary>Room for the driver's name; the last byte is always NUL.</summary>
    public const int DriverLength = 64;

    /// <summary>What <see cref="TargetId"/> is where no target is named.</summary>
    public const int NoTarget = -1;

    /// <summary>What <see cref="Lun"/> is where no logical unit is named.</summary>
    public const ulong NoLun = ulong.MaxValue;

    private const int LengthOffset = 72;

    /// <summary>Mode.</summary>
    public ManagementMode Mode { get; init; }

    /// <summary>Operation.</summary>
    public ManagementOperation Operation { get; init; }

    /// <summary>Name of the driver; empty where none is named.</summary>
    public string Driver { get; init; } = "";

    /// <summary>Target.</summary>
    public int TargetId { get; init; } = NoTarget;

    /// <summary>Session.</summary>
    public ulong SessionId { get; init; }

    /// <summary>Logical unit.</summary>
    public ulong Lun { get; init; } = NoLun;

    /// <summary>Connection.</summary>
    public uint ConnectionId { get; init; }

    /// <summary>SCSI host of a passed-through device.</summary>
    public uint HostNumber { get; init; }

    /// <summary>Type of a new logical unit.</summary>
    public uint DeviceType { get; init; }

    /// <summary>For accounts: <see cref="DirectionIncoming"/> or <see cref="DirectionOutgoing"/>.</summary>
    public uint AccountDirection { get; init; }

    /// <summary>Unused by the tools.</summary>
    public uint Pack { get; init; }

    /// <summary>Not 0: also what is in use goes.</summary>
    public uint Force { get; init; }

    /// <summary>The body, without its NUL.</summary>
    public string Body { get; init; } = "";

    /// <summary>The account of initiators.</summary>
    public const uint DirectionIncoming = 0;

    /// <summary>The account of the target towards initiators.</summary>
    public const uint DirectionOutgoing = 1;

    /// <summary>The request as bytes. Texts are UTF-8.</summary>
    /// <exception cref="ArgumentException">The driver's name or the body is too long.</exception>
    public byte[] Encode()
    {
        int bodyLength = Body.Length == 0 ? 0 : Encoding.UTF8.GetByteCount(Body) + 1;
        if (bodyLength > MaximumBodyLength) throw new ArgumentException($"a body of {bodyLength} bytes is longer than {MaximumBodyLength}");
        if (Encoding.UTF8.GetByteCount(Driver) >= DriverLength) throw new ArgumentException($"the driver's name '{Driver}' is too long");
        byte[] bytes = new byte[HeaderLength + bodyLength];
        Span<byte> to = bytes;
        Put(to, 0, (uint)Mode);
        Put(to, 4, (uint)Operation);
        _ = Encoding.UTF8.GetBytes(Driver, to.Slice(8, DriverLength));
        Put(to, LengthOffset, (uint)bytes.Length);
        Put(to, 76, unchecked((uint)TargetId));
        HostOrder.WriteUInt64(to[80..], SessionId);
        HostOrder.WriteUInt64(to[88..], Lun);
        Put(to, 96, ConnectionId);
        Put(to, 100, HostNumber);
        Put(to, 104, DeviceType);
        Put(to, 108, AccountDirection);
        Put(to, 112, Pack);
        Put(to, 116, Force);
        _ = Encoding.UTF8.GetBytes(Body, to[HeaderLength..]);
        return bytes;
    }

    /// <summary>Bytes of the body that follows a header.</summary>
    /// <param name="header"><see cref="HeaderLength"/> bytes.</param>
    /// <param name="length">0 to <see cref="MaximumBodyLength"/>.</param>
    /// <returns>False when the header says less than itself, or more than is allowed.</returns>
    public static bool TryReadBodyLength(ReadOnlySpan<byte> header, out int length)
    {
        length = 0;
        if (header.Length < HeaderLength) return false;
        uint total = Get(header, LengthOffset);
        if (total is < HeaderLength or > HeaderLength + MaximumBodyLength) return false;
        length = (int)total - HeaderLength;
        return true;
    }

    /// <summary>Reads a request whose header and body are there.</summary>
    /// <param name="header"><see cref="HeaderLength"/> bytes.</param>
    /// <param name="body">As many bytes as <see cref="TryReadBodyLength"/> says; the text ends at the first NUL.</param>
    /// <param name="request">The request. Modes and operations that nobody knows are kept as they came.</param>
    /// <returns>False when a length does not agree.</returns>
    public static bool TryRead(ReadOnlySpan<byte> header, ReadOnlySpan<byte> body, out ManagementRequest? request)
    {
        request = null;
        if (!TryReadBodyLength(header, out int length) || body.Length != length) return false;
        request = new ManagementRequest
        {
            Mode = (ManagementMode)Get(header, 0),
            Operation = (ManagementOperation)Get(header, 4),
            Driver = Text(header.Slice(8, DriverLength - 1)),
            TargetId = unchecked((int)Get(header, 76)),
            SessionId = HostOrder.ReadUInt64(header[80..]),
            Lun = HostOrder.ReadUInt64(header[88..]),
            ConnectionId = Get(header, 96),
            HostNumber = Get(header, 100),
            DeviceType = Get(header, 104),
            AccountDirection = Get(header, 108),
            Pack = Get(header, 112),
            Force = Get(header, 116),
            Body = Text(body),
        };
        return true;
    }

    private static uint Get(ReadOnlySpan<byte> from, int offset) => HostOrder.ReadUInt32(from[offset..]);

    private static void Put(Span<byte> to, int offset, uint value) => HostOrder.WriteUInt32(to[offset..], value);

    private static string Text(ReadOnlySpan<byte> bytes)
    {
        int end = bytes.IndexOf((byte)0);
        return Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}
