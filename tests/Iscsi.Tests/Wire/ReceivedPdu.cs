using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Tests.Wire;

/// <summary>A PDU of the target.</summary>
internal sealed record ReceivedPdu(byte[] Bhs, byte[] Data)
{
    public BasicHeader Basic => new(Bhs);

    public Opcode Opcode => Basic.Opcode;

    public uint Tag => Basic.InitiatorTaskTag;

    public DataInHeader DataIn => new(Bhs);

    public ScsiResponseHeader Response => new(Bhs);

    public ReadyToTransferHeader R2T => new(Bhs);

    public RejectHeader Reject => new(Bhs);

    public NopInHeader NopIn => new(Bhs);

    public TextResponseHeader Text => new(Bhs);

    public LoginResponseHeader Login => new(Bhs);

    public LogoutResponseHeader Logout => new(Bhs);

    public TaskManagementResponseHeader TaskManagement => new(Bhs);

    public AsyncMessageHeader Async => new(Bhs);

    /// <summary>Numbers; every PDU of a target has them at the same place.</summary>
    public TargetSequence Sequence => new ScsiResponseHeader(Bhs).Sequence;

    /// <summary>Sense key and additional sense of a fixed format sense segment.</summary>
    public (byte Key, byte Code, byte Qualifier) Sense => ((byte)(Data[4] & 0x0F), Data[14], Data[15]);

    /// <summary>Pairs of a text segment.</summary>
    public IReadOnlyList<string> Pairs => System.Text.Encoding.UTF8.GetString(Data).Split('\0', StringSplitOptions.RemoveEmptyEntries);
}
