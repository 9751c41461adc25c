using System.Text;

namespace TgtModular.Tgt.Protocol;

/// <summary>
/// A response of the management socket: error u32, length u32 (header and body), then, only without an error, the body's text with a NUL that counts.
/// </summary>
/// <param name="Error">How it ended.</param>
/// <param name="Body">The text; empty with an error.</param>
public sealed record ManagementResponse(ManagementError Error, string Body = "")
{
    /// <summary>Bytes of the header.</summary>
    public const int HeaderLength = 8;

    /// <summary>Done, with nothing to show.</summary>
    public static ManagementResponse Done { get; } = new(ManagementError.None);

    /// <summary>The response as bytes.</summary>
    public byte[] Encode()
    {
        int bodyLength = Error != ManagementError.None || Body.Length == 0 ? 0 : Encoding.UTF8.GetByteCount(Body) + 1;
        byte[] bytes = new byte[HeaderLength + bodyLength];
        HostOrder.WriteUInt32(bytes, (uint)Error);
        HostOrder.WriteUInt32(bytes.AsSpan(4), (uint)bytes.Length);
        if (bodyLength > 0) _ = Encoding.UTF8.GetBytes(Body, bytes.AsSpan(HeaderLength));
        return bytes;
    }

    /// <summary>Reads a header.</summary>
    /// <param name="header"><see cref="HeaderLength"/> bytes.</param>
    /// <param name="error">How the request ended.</param>
    /// <param name="bodyLength">Bytes that follow; the text in them ends at the first NUL.</param>
    /// <returns>False when the length is less than the header's.</returns>
    public static bool TryReadHeader(ReadOnlySpan<byte> header, out ManagementError error, out int bodyLength)
    {
        error = ManagementError.Unknown;
        bodyLength = 0;
        if (header.Length < HeaderLength) return false;
        error = (ManagementError)HostOrder.ReadUInt32(header);
        uint total = HostOrder.ReadUInt32(header[4..]);
        if (total is < HeaderLength or > int.MaxValue) return false;
        bodyLength = (int)total - HeaderLength;
        return true;
    }
}
