namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>T and C of a Login PDU (RFC 7143 sections 11.12.2 and 11.12.3); both together are an error.</summary>
[Flags]
public enum LoginFlags : byte
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>C: the text continues in the next PDU.</summary>
    Continue = 0x40,

    /// <summary>T: the sender is ready to transit to NSG.</summary>
    Transit = 0x80,
}

/// <summary>CSG and NSG: stages of the login phase (RFC 7143 section 11.12.3). 2 is reserved.</summary>
public enum LoginStage : byte
{
    /// <summary>SecurityNegotiation.</summary>
    SecurityNegotiation = 0,

    /// <summary>LoginOperationalNegotiation.</summary>
    OperationalNegotiation = 1,

    /// <summary>Full Feature Phase (NSG only).</summary>
    FullFeaturePhase = 3,
}

/// <summary>Login Request (RFC 7143 section 11.12).</summary>
/// <remarks>
/// <code>
///    0|.|1| 0x03      |T|C|. .|CSG|NSG| Version-max   | Version-min   |
///    4|TotalAHSLength | DataSegmentLength                             |
///    8| ISID                                                          |
///     +                               +---------------+---------------+
///   12|                               | TSIH                          |
///   16| Initiator Task Tag                                            |
///   20| CID                           | Reserved                      |
///   24| CmdSN                                                         |
///   28| ExpStatSN or Reserved                                         |
///   32| Reserved (16 bytes)                                           |
/// </code>
/// </remarks>
public readonly ref struct LoginRequestHeader
{
    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public LoginRequestHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>T and C.</summary>
    public LoginFlags Flags => (LoginFlags)(_bhs[1] & 0xc0);

    /// <summary>CSG; may hold the reserved value 2.</summary>
    public LoginStage CurrentStage => (LoginStage)((_bhs[1] >> 2) & 3);

    /// <summary>NSG; valid with T; may hold the reserved value 2.</summary>
    public LoginStage NextStage => (LoginStage)(_bhs[1] & 3);

    /// <summary>Highest version the initiator speaks.</summary>
    public byte VersionMax => _bhs[2];

    /// <summary>Lowest version the initiator speaks.</summary>
    public byte VersionMin => _bhs[3];

    /// <summary>Initiator part of the session identifier.</summary>
    public Isid Isid => Isid.Read(_bhs[8..]);

    /// <summary>Target Session Identifying Handle; 0 opens a new session.</summary>
    public ushort Tsih => BhsField.ReadUInt16(_bhs, 14);

    /// <summary>Initiator Task Tag; the same throughout one login.</summary>
    public uint InitiatorTaskTag => BhsField.ReadUInt32(_bhs, 16);

    /// <summary>Connection ID.</summary>
    public ushort Cid => BhsField.ReadUInt16(_bhs, 20);

    /// <summary>CmdSN (the session's initial one in a leading login) and ExpStatSN (valid after the first response).</summary>
    public InitiatorSequence Sequence => BhsField.ReadInitiatorSequence(_bhs);
}

/// <summary>Writes Login Request headers.</summary>
public static class LoginRequestWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="flags">T and C.</param>
    /// <param name="currentStage">CSG.</param>
    /// <param name="nextStage">NSG; written only with T.</param>
    /// <param name="isid">Initiator part of the session identifier.</param>
    /// <param name="tsih">0 opens a new session.</param>
    /// <param name="initiatorTaskTag">The same throughout one login.</param>
    /// <param name="cid">Connection ID.</param>
    /// <param name="sequence">CmdSN and ExpStatSN.</param>
    /// <param name="dataSegmentLength">Text in bytes.</param>
    /// <param name="versionMax">Highest version; only 0 is defined.</param>
    /// <param name="versionMin">Lowest version; only 0 is defined.</param>
    public static void Write(
        Span<byte> bhs,
        LoginFlags flags,
        LoginStage currentStage,
        LoginStage nextStage,
        in Isid isid,
        ushort tsih,
        uint initiatorTaskTag,
        ushort cid,
        in InitiatorSequence sequence,
        int dataSegmentLength,
        byte versionMax = 0,
        byte versionMin = 0)
    {
        bhs = BhsField.Begin(
            bhs, Opcode.LoginRequest, immediate: true, LoginStages.Pack(flags, currentStage, nextStage), initiatorTaskTag, dataSegmentLength);
        bhs[2] = versionMax;
        bhs[3] = versionMin;
        isid.Write(bhs[8..]);
        BhsField.WriteUInt16(bhs, 14, tsih);
        BhsField.WriteUInt16(bhs, 20, cid);
        BhsField.WriteInitiatorSequence(bhs, sequence);
    }
}

/// <summary>Byte 1 of the login PDUs.</summary>
internal static class LoginStages
{
    /// <summary>NSG is reserved, hence zero, without T (section 11.12.3).</summary>
    public static byte Pack(LoginFlags flags, LoginStage currentStage, LoginStage nextStage)
    {
        int packed = (byte)flags | ((byte)currentStage << 2);
        return (byte)((flags & LoginFlags.Transit) != 0 ? packed | (byte)nextStage : packed);
    }
}
