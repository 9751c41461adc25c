using System.Net.Sockets;
using TgtModular.Iscsi.Protocol.Digests;
using TgtModular.Iscsi.Protocol.Framing;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.LoadGenerator.Initiator;

/// <summary>One received PDU.</summary>
/// <param name="Bhs">48 bytes.</param>
/// <param name="Data">Data segment without padding.</param>
public sealed record ReceivedPdu(byte[] Bhs, byte[] Data)
{
    public Opcode Opcode => new BasicHeader(Bhs).Opcode;
}

/// <summary>Whole PDUs over a blocking socket: for login and other single exchanges.</summary>
public sealed class PduStream(Socket socket)
{
    private byte[] _buffer = new byte[16 * 1024];
    private int _buffered;

    public Socket Socket => socket;

    /// <summary>Limits and digests of what is received; digests of what is sent.</summary>
    public FramingLimits Limits { get; set; } = FramingLimits.Login;

    /// <summary>Sends one PDU; its header says how long the data is.</summary>
    public void Send(ReadOnlySpan<byte> bhs, ReadOnlySpan<byte> data) => SendRaw(Build(bhs, data, Limits.HeaderDigest, Limits.DataDigest));

    public void SendRaw(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
            bytes = bytes[socket.Send(bytes)..];
    }

    /// <summary>A PDU as it goes over the wire.</summary>
    public static byte[] Build(ReadOnlySpan<byte> bhs, ReadOnlySpan<byte> data, bool headerDigest, bool dataDigest)
    {
        PduLayout layout = PduLayout.Create(0, data.Length, headerDigest, dataDigest);
        byte[] pdu = new byte[layout.TotalLength];
        bhs.CopyTo(pdu);
        if (headerDigest)
            PduFramer.WriteHeaderDigest(pdu.AsSpan(0, layout.HeaderLength));
        data.CopyTo(pdu.AsSpan(layout.HeaderLength));
        Crc32C crc = default;
        crc.Append(data);
        PduFramer.WriteTrailer(pdu.AsSpan(layout.HeaderLength + data.Length), layout, crc);
        return pdu;
    }

    /// <summary>The next PDU, or null when the target has closed the connection.</summary>
    /// <exception cref="InitiatorException">The target's PDU cannot be framed, or nothing came in time.</exception>
    public ReceivedPdu? Receive()
    {
        while (true)
        {
            if (PduFramer.TryRead(_buffer.AsSpan(0, _buffered), Limits, out PduFrame frame, out FramingOutcome outcome))
            {
                ReceivedPdu pdu = new(frame.Bhs.ToArray(), frame.Data.ToArray());
                _buffered -= outcome.ConsumedBytes;
                _buffer.AsSpan(outcome.ConsumedBytes, _buffered).CopyTo(_buffer);
                return pdu;
            }

            if (outcome.Error != FramingError.None)
                throw new InitiatorException($"target sent a PDU that cannot be taken: {outcome.Error}");
            if (_buffered + outcome.MissingBytes > _buffer.Length)
                Array.Resize(ref _buffer, _buffered + outcome.MissingBytes);
            if (!ReceiveMore())
                return null;
        }
    }

    /// <summary>Bytes received behind the last PDU; the caller takes them over.</summary>
    public ReadOnlySpan<byte> TakeRest()
    {
        ReadOnlySpan<byte> rest = _buffer.AsSpan(0, _buffered);
        _buffered = 0;
        return rest;
    }

    private bool ReceiveMore()
    {
        try
        {
            int got = socket.Receive(_buffer.AsSpan(_buffered));
            _buffered += got;
            return got > 0;
        }
        catch (SocketException exception) when (exception.SocketErrorCode is SocketError.TimedOut or SocketError.WouldBlock)
        {
            throw new TargetGoneException($"nothing from the target for {socket.ReceiveTimeout / 1000.0} s");
        }
        catch (SocketException exception) when (exception.SocketErrorCode == SocketError.ConnectionReset)
        {
            return false;
        }
    }
}
