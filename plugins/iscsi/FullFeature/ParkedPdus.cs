using TgtModular.Iscsi.Connections;

namespace TgtModular.Iscsi.FullFeature;

/// <summary>
/// PDUs whose CmdSN is within the window while others before them are missing. On one TCP connection that happens only when a PDU was discarded for its
/// data digest or the initiator numbers wrongly, so the room is small.
/// </summary>
internal sealed class ParkedPdus
{
    /// <summary>Bytes kept in all.</summary>
    public const int MaxBytes = 256 * 1024;

    private readonly Dictionary<uint, byte[]?> _parked = [];
    private int _bytes;

    /// <summary>Number of CmdSNs known ahead.</summary>
    public int Count => _parked.Count;

    /// <summary>Keeps a PDU; a second one with the same CmdSN is a duplicate and ignored.</summary>
    /// <exception cref="ConnectionException">There is no room.</exception>
    public void Park(uint cmdSN, ReadOnlySpan<byte> pdu)
    {
        if (_parked.ContainsKey(cmdSN)) return;
        if (_bytes + pdu.Length > MaxBytes)
            throw new ConnectionException(EndReason.OutOfOrderOverflow, $"more than {MaxBytes} bytes of commands are out of order");
        _parked.Add(cmdSN, pdu.ToArray());
        _bytes += pdu.Length;
    }

    /// <summary>Treats a CmdSN as received and gone: its command was aborted before it came (RFC 7143 section 11.5.1).</summary>
    public void Plug(uint cmdSN)
    {
        if (_parked.TryGetValue(cmdSN, out byte[]? pdu)) _bytes -= pdu?.Length ?? 0;
        _parked[cmdSN] = null;
    }

    /// <summary>Takes what is known of a CmdSN.</summary>
    /// <param name="cmdSN">The next one.</param>
    /// <param name="pdu">The PDU; null when the CmdSN was plugged.</param>
    /// <returns>False when it is not known.</returns>
    public bool TryTake(uint cmdSN, out byte[]? pdu)
    {
        if (!_parked.Remove(cmdSN, out pdu)) return false;
        _bytes -= pdu?.Length ?? 0;
        return true;
    }

    /// <summary>The CmdSN of a parked SCSI command with a tag; null when there is none.</summary>
    public uint? FindCommand(uint initiatorTaskTag)
    {
        foreach ((uint cmdSN, byte[]? pdu) in _parked)
        {
            if (pdu is null) continue;
            Protocol.Pdus.BasicHeader header = new(pdu);
            if (header.Opcode == Protocol.Pdus.Opcode.ScsiCommand && header.InitiatorTaskTag == initiatorTaskTag) return cmdSN;
        }

        return null;
    }
}
