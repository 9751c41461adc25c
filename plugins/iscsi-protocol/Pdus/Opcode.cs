namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>PDU opcodes (RFC 7143 section 11.2.1.2). Initiator opcodes lie below 0x20, target opcodes from 0x20 up.</summary>
public enum Opcode : byte
{
    /// <summary>NOP-Out (section 11.18).</summary>
    NopOut = 0x00,

    /// <summary>SCSI Command (section 11.3).</summary>
    ScsiCommand = 0x01,

    /// <summary>Task Management Function Request (section 11.5).</summary>
    TaskManagementRequest = 0x02,

    /// <summary>Login Request (section 11.12).</summary>
    LoginRequest = 0x03,

    /// <summary>Text Request (section 11.10).</summary>
    TextRequest = 0x04,

    /// <summary>SCSI Data-Out (section 11.7).</summary>
    DataOut = 0x05,

    /// <summary>Logout Request (section 11.14).</summary>
    LogoutRequest = 0x06,

    /// <summary>SNACK Request (section 11.16).</summary>
    SnackRequest = 0x10,

    /// <summary>NOP-In (section 11.19).</summary>
    NopIn = 0x20,

    /// <summary>SCSI Response (section 11.4).</summary>
    ScsiResponse = 0x21,

    /// <summary>Task Management Function Response (section 11.6).</summary>
    TaskManagementResponse = 0x22,

    /// <summary>Login Response (section 11.13).</summary>
    LoginResponse = 0x23,

    /// <summary>Text Response (section 11.11).</summary>
    TextResponse = 0x24,

    /// <summary>SCSI Data-In (section 11.7).</summary>
    DataIn = 0x25,

    /// <summary>Logout Response (section 11.15).</summary>
    LogoutResponse = 0x26,

    /// <summary>Ready To Transfer (section 11.8).</summary>
    ReadyToTransfer = 0x31,

    /// <summary>Asynchronous Message (section 11.9).</summary>
    AsyncMessage = 0x32,

    /// <summary>Reject (section 11.17).</summary>
    Reject = 0x3f,
}

/// <summary>Questions about an <see cref="Opcode"/>.</summary>
public static class OpcodeExtensions
{
    private const ulong InitiatorOpcodes = 0x7f | (1UL << 0x10);
    private const ulong TargetOpcodes = (0x7fUL << 0x20) | (1UL << 0x31) | (1UL << 0x32) | (1UL << 0x3f);

    /// <summary>Whether an initiator may send this opcode; false for vendor-specific and reserved values.</summary>
    /// <param name="opcode">The six-bit opcode.</param>
    public static bool IsInitiatorOpcode(this Opcode opcode) => Contains(InitiatorOpcodes, opcode);

    /// <summary>Whether a target may send this opcode; false for vendor-specific and reserved values.</summary>
    /// <param name="opcode">The six-bit opcode.</param>
    public static bool IsTargetOpcode(this Opcode opcode) => Contains(TargetOpcodes, opcode);

    private static bool Contains(ulong set, Opcode opcode) => (byte)opcode < 64 && ((set >> (byte)opcode) & 1) != 0;
}
