namespace TgtModular.Iscsi.Protocol.Pdus;

/// <summary>The three numbers at bytes 24 to 35 of every target PDU (RFC 7143 section 4.2.2).</summary>
/// <param name="StatSN">Status sequence number of the connection; reserved where the PDU carries no status.</param>
/// <param name="ExpCmdSN">Next CmdSN the target expects.</param>
/// <param name="MaxCmdSN">Largest CmdSN the target accepts now.</param>
public readonly record struct TargetSequence(uint StatSN, uint ExpCmdSN, uint MaxCmdSN);

/// <summary>The two numbers at bytes 24 to 31 of most initiator PDUs (RFC 7143 section 4.2.2).</summary>
/// <param name="CmdSN">Command sequence number of the session.</param>
/// <param name="ExpStatSN">Next StatSN the initiator expects on the connection.</param>
public readonly record struct InitiatorSequence(uint CmdSN, uint ExpStatSN);
