using System.Text;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Auth;

/// <summary>The CHAP keys of one text (RFC 7143 section 12.1.3), decoded and bounded.</summary>
internal sealed class ChapKeys
{
    /// <summary>Longest challenge in bytes (section 12.1.3).</summary>
    public const int MaxChallengeLength = 1024;

    public const string AlgorithmKey = "CHAP_A";
    public const string NameKey = "CHAP_N";
    public const string ResponseKey = "CHAP_R";
    public const string IdentifierKey = "CHAP_I";
    public const string ChallengeKey = "CHAP_C";

    /// <summary>The text of CHAP_A.</summary>
    public byte[]? Algorithms { get; private set; }

    /// <summary>CHAP_N.</summary>
    public string? Name { get; private set; }

    /// <summary>CHAP_R.</summary>
    public byte[]? Response { get; private set; }

    /// <summary>CHAP_I.</summary>
    public byte? Identifier { get; private set; }

    /// <summary>CHAP_C.</summary>
    public byte[]? Challenge { get; private set; }

    /// <summary>Whether a value could not be decoded.</summary>
    public bool IsMalformed { get; private set; }

    public bool IsEmpty => Algorithms is null && Name is null && Response is null && Identifier is null && Challenge is null;

    /// <summary>False if the key is no CHAP key or is here already.</summary>
    public bool TryTake(scoped TextPair pair)
    {
        switch (Encoding.ASCII.GetString(pair.Key))
        {
            case AlgorithmKey when Algorithms is null:
                Algorithms = pair.Value.ToArray();
                return true;
            case NameKey when Name is null:
                Name = TextValue.ToText(pair.Value);
                IsMalformed |= Name.Length == 0;
                return true;
            case ResponseKey when Response is null:
                Response = Decode(pair.Value, ChapAlgorithms.MaxHashLength);
                return true;
            case IdentifierKey when Identifier is null:
                bool isByte = TextValue.TryParseNumber(pair.Value, out ulong number) && number <= byte.MaxValue;
                IsMalformed |= !isByte;
                Identifier = (byte)number;
                return true;
            case ChallengeKey when Challenge is null:
                Challenge = Decode(pair.Value, MaxChallengeLength);
                return true;
            default:
                return false;
        }
    }

    private byte[] Decode(ReadOnlySpan<byte> value, int maxLength)
    {
        byte[] decoded = new byte[maxLength];
        if (TextValue.TryDecodeBinary(value, decoded, out int written))
            return decoded[..written];
        IsMalformed = true;
        return [];
    }
}
