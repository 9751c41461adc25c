namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>Status-Class and Status-Detail of a Login Response as one 16-bit number (RFC 7143 section 11.13.5).</summary>
public enum LoginStatus : ushort
{
    /// <summary>Login is proceeding.</summary>
    Success = 0x0000,

    /// <summary>The target has moved temporarily to the address in TargetAddress.</summary>
    TargetMovedTemporarily = 0x0101,

    /// <summary>The target has moved permanently to the address in TargetAddress.</summary>
    TargetMovedPermanently = 0x0102,

    /// <summary>Miscellaneous initiator error.</summary>
    InitiatorError = 0x0200,

    /// <summary>The initiator could not be authenticated, or the target does not support its authentication.</summary>
    AuthenticationFailure = 0x0201,

    /// <summary>The initiator may not use this target.</summary>
    AuthorizationFailure = 0x0202,

    /// <summary>The requested target does not exist here.</summary>
    NotFound = 0x0203,

    /// <summary>The requested target has been removed, with no new address.</summary>
    TargetRemoved = 0x0204,

    /// <summary>The target does not speak the requested version.</summary>
    UnsupportedVersion = 0x0205,

    /// <summary>Too many connections on this session.</summary>
    TooManyConnections = 0x0206,

    /// <summary>A required parameter is missing.</summary>
    MissingParameter = 0x0207,

    /// <summary>This session cannot span to this connection.</summary>
    CannotIncludeInSession = 0x0208,

    /// <summary>This kind of session is not supported, or not by this initiator.</summary>
    SessionTypeNotSupported = 0x0209,

    /// <summary>A connection was to be added to a session that does not exist.</summary>
    SessionDoesNotExist = 0x020a,

    /// <summary>A PDU type that is not valid during login.</summary>
    InvalidDuringLogin = 0x020b,

    /// <summary>Target hardware or software error.</summary>
    TargetError = 0x0300,

    /// <summary>The target is not operational now.</summary>
    ServiceUnavailable = 0x0301,

    /// <summary>Not enough session, connection or other resources.</summary>
    OutOfResources = 0x0302,
}

/// <summary>Status-Class (RFC 7143 section 11.13.5).</summary>
public enum LoginStatusClass : byte
{
    /// <summary>Success.</summary>
    Success = 0,

    /// <summary>Redirection; TargetAddress is in the text.</summary>
    Redirection = 1,

    /// <summary>Initiator error; not to be retried unchanged.</summary>
    InitiatorError = 2,

    /// <summary>Target error; may be retried.</summary>
    TargetError = 3,
}

/// <summary>Parts of a <see cref="LoginStatus"/>.</summary>
public static class LoginStatusExtensions
{
    /// <summary>Status-Class.</summary>
    /// <param name="status">Class and detail.</param>
    public static LoginStatusClass Class(this LoginStatus status) => (LoginStatusClass)((ushort)status >> 8);

    /// <summary>Status-Detail.</summary>
    /// <param name="status">Class and detail.</param>
    public static byte Detail(this LoginStatus status) => (byte)status;
}

/// <summary>Login Response (RFC 7143 section 11.13).</summary>
/// <remarks>
/// <code>
///    0|.|.| 0x23      |T|C|. .|CSG|NSG| Version-max   | Version-active|
///    4|TotalAHSLength | DataSegmentLength                             |
///    8| ISID                                                          |
///     +                               +---------------+---------------+
///   12|                               | TSIH                          |
///   16| Initiator Task Tag                                            |
///   20| Reserved                                                      |
///   24| StatSN                                                        |
///   28| ExpCmdSN                                                      |
///   32| MaxCmdSN                                                      |
///   36| Status-Class  | Status-Detail | Reserved                      |
///   40| Reserved (8 bytes)                                            |
/// </code>
/// </remarks>
public readonly ref struct LoginResponseHeader
{
    private readonly ReadOnlySpan<byte> _bhs;

    /// <summary>Views a header.</summary>
    /// <param name="bhs">At least 48 bytes.</param>
    public LoginResponseHeader(ReadOnlySpan<byte> bhs) => _bhs = bhs[..BasicHeader.Length];

    /// <summary>The fields common to all headers.</summary>
    public BasicHeader Basic => new(_bhs);

    /// <summary>T and C.</summary>
    public LoginFlags Flags => (LoginFlags)(_bhs[1] & 0xc0);

    /// <summary>CSG; may hold the reserved value 2.</summary>
    public LoginStage CurrentStage => (LoginStage)((_bhs[1] >> 2) & 3);

    /// <summary>NSG; valid with T; may hold the reserved value 2.</summary>
    public LoginStage NextStage => (LoginStage)(_bhs[1] & 3);

    /// <summary>Highest version the target speaks.</summary>
    public byte VersionMax => _bhs[2];

    /// <summary>The version of this connection.</summary>
    public byte VersionActive => _bhs[3];

    /// <summary>Initiator part of the session identifier.</summary>
    public Isid Isid => Isid.Read(_bhs[8..]);

    /// <summary>The request's TSIH, but the new session's in the final response of a leading login.</summary>
    public ushort Tsih => BhsField.ReadUInt16(_bhs, 14);

    /// <summary>Initiator Task Tag of the request.</summary>
    public uint InitiatorTaskTag => BhsField.ReadUInt32(_bhs, 16);

    /// <summary>StatSN, ExpCmdSN, MaxCmdSN; valid with status class success.</summary>
    public TargetSequence Sequence => BhsField.ReadTargetSequence(_bhs);

    /// <summary>Status-Class and Status-Detail; may hold an undefined value.</summary>
    public LoginStatus Status => (LoginStatus)BhsField.ReadUInt16(_bhs, 36);
}

/// <summary>Writes Login Response headers.</summary>
public static class LoginResponseWriter
{
    /// <summary>Writes the 48 bytes; reserved fields are zero.</summary>
    /// <param name="bhs">Destination, at least 48 bytes.</param>
    /// <param name="flags">T and C.</param>
    /// <param name="currentStage">CSG.</param>
    /// <param name="nextStage">NSG; written only with T.</param>
    /// <param name="isid">Of the request.</param>
    /// <param name="tsih">Of the request, or the new session's in the final response.</param>
    /// <param name="initiatorTaskTag">Of the request.</param>
    /// <param name="sequence">StatSN, ExpCmdSN, MaxCmdSN.</param>
    /// <param name="status">Class and detail.</param>
    /// <param name="dataSegmentLength">Text in bytes.</param>
    /// <param name="versionMax">Highest version; only 0 is defined.</param>
    /// <param name="versionActive">Version in use; only 0 is defined.</param>
    public static void Write(
        Span<byte> bhs,
        LoginFlags flags,
        LoginStage currentStage,
        LoginStage nextStage,
        in Isid isid,
        ushort tsih,
        uint initiatorTaskTag,
        in TargetSequence sequence,
        LoginStatus status,
        int dataSegmentLength = 0,
        byte versionMax = 0,
        byte versionActive = 0)
    {
        bhs = BhsField.Begin(
            bhs, Opcode.LoginResponse, immediate: false, LoginStages.Pack(flags, currentStage, nextStage), initiatorTaskTag, dataSegmentLength);
        bhs[2] = versionMax;
        bhs[3] = versionActive;
        isid.Write(bhs[8..]);
        BhsField.WriteUInt16(bhs, 14, tsih);
        BhsField.WriteTargetSequence(bhs, sequence);
        BhsField.WriteUInt16(bhs, 36, (ushort)status);
    }
}
