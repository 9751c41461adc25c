using System.Text;
using TgtModular.Iscsi.Protocol.Auth;
using TgtModular.Iscsi.Protocol.Login;
using TgtModular.Iscsi.Protocol.Negotiation;
using TgtModular.Iscsi.Protocol.Pdus;

namespace TgtModular.Iscsi.Protocol.Tests.Login;

/// <summary>An initiator's lines to a target's login, and what comes back.</summary>
internal sealed class LoginScript
{
    public const string Identity = "InitiatorName=iqn.2026-11.org.example:host|TargetName=iqn.2026-11.org.example:db|SessionType=Normal";

    private uint _statSN = 100;

    public LoginScript(LoginSettings? settings = null) => Login = new TargetLogin(settings ?? new LoginSettings());

    public TargetLogin Login { get; }

    public LoginAdmission Admission { get; set; } = LoginAdmission.Accept(new NegotiationPolicy(), NoAuthentication.Instance, portalGroupTag: 1);

    public ushort NewTsih { get; init; } = 7;

    public ushort Tsih { get; init; }

    public ushort Cid { get; set; }

    public Isid Isid { get; set; } = new(0x400001370000);

    public uint InitiatorTaskTag { get; set; } = 0x5eed;

    public byte VersionMin { get; init; }

    /// <summary>The last response's header.</summary>
    public byte[] Header { get; } = new byte[48];

    /// <summary>Sends lines with the flags "T", "C" and the stages "0>1"; returns "flags csg>nsg status: text".</summary>
    public string Say(string flags, string lines, bool rawText = false)
    {
        byte[] bhs = new byte[48];
        string text = rawText || lines.Length == 0 ? lines : lines.Replace('|', '\0') + '\0';
        byte[] data = Encoding.UTF8.GetBytes(text);
        LoginRequestWriter.Write(
            bhs,
            LoginFlags.None,
            LoginStage.SecurityNegotiation,
            LoginStage.SecurityNegotiation,
            Isid,
            Tsih,
            InitiatorTaskTag,
            Cid,
            new InitiatorSequence(42, 0),
            data.Length,
            versionMin: VersionMin);
        bhs[1] = Flags(flags);
        return Send(bhs, data);
    }

    public string Send(ReadOnlySpan<byte> bhs, ReadOnlySpan<byte> data)
    {
        LoginState state = Login.Receive(bhs, data);
        if (state == LoginState.AwaitingAdmission)
            state = Login.Admit(Admission);
        if (state == LoginState.AwaitingSession)
            state = Login.Complete(NewTsih);
        Assert.AreEqual(LoginState.AwaitingResponse, state);
        return Respond();
    }

    public string Respond()
    {
        Header.AsSpan().Fill(0xee);
        ReadOnlyMemory<byte> text = Login.WriteResponse(Header, new TargetSequence(_statSN++, 42, 73));
        LoginResponseHeader header = new(Header);
        Assert.AreEqual(Opcode.LoginResponse, header.Basic.Opcode);
        Assert.AreEqual(text.Length, header.Basic.DataSegmentLength);
        Assert.AreEqual(InitiatorTaskTag, header.InitiatorTaskTag);
        string flags = (header.Flags.HasFlag(LoginFlags.Transit) ? "T" : "") + (header.Flags.HasFlag(LoginFlags.Continue) ? "C" : "");
        string stages = $"{(int)header.CurrentStage}{(header.Flags.HasFlag(LoginFlags.Transit) ? ">" + (int)header.NextStage : "")}";
        string lines = Encoding.UTF8.GetString(text.Span).TrimEnd('\0').Replace('\0', '|');
        return $"{flags}{stages} {(int)header.Status:x4} {lines}".TrimEnd();
    }

    /// <summary>"T0>1" to byte 1 of the header, any nonsense included.</summary>
    private static byte Flags(string flags)
    {
        int packed = 0;
        foreach (char letter in flags.TakeWhile(char.IsAsciiLetterUpper))
            packed |= letter == 'T' ? 0x80 : 0x40;
        string[] stages = flags.TrimStart('T', 'C').Split('>');
        packed |= int.Parse(stages[0]) << 2;
        return (byte)(stages.Length > 1 ? packed | int.Parse(stages[1]) : packed);
    }
}
