namespace TgtModular.Interop.Fuzz;

/// <summary>One PDU as it is to go over the wire.</summary>
/// <param name="Bytes">Header, data, padding and digests.</param>
/// <param name="IsFramed">The bytes are exactly one PDU, by its own lengths and the limits in force: what follows stays in step.</param>
/// <param name="PassesHeader">Besides, its digests are right and its opcode is an initiator's: it gets past header validation.</param>
internal readonly record struct FuzzPdu(byte[] Bytes, bool IsFramed, bool PassesHeader)
{
    private const int Shown = 64;

    public override string ToString() => $"{Bytes.Length} bytes: {Convert.ToHexStringLower(Bytes.AsSpan(0, Math.Min(Shown, Bytes.Length)))}";
}
