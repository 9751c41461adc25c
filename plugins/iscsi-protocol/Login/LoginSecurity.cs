using TgtModular.Iscsi.Protocol.Auth;
using TgtModular.Iscsi.Protocol.Negotiation;
using TgtModular.Iscsi.Protocol.Text;

namespace TgtModular.Iscsi.Protocol.Login;

/// <summary>The SecurityNegotiation stage at the target: AuthMethod and the exchange it leads to (RFC 7143 section 12.1).</summary>
internal sealed class LoginSecurity(ITargetAuthentication authentication)
{
    private IAuthenticationExchange? _exchange;
    private bool _isMethodChosen;
    private bool _isAuthenticated;

    public AuthenticationFailure Failure { get; private set; }

    public string? PeerName => _isAuthenticated ? _exchange?.PeerName : null;

    /// <summary>Whether a method other than None was agreed.</summary>
    public bool HasBegun => _exchange is not null;

    /// <summary>Whether the initiator may leave the stage, or skip it.</summary>
    public bool IsSatisfied => _exchange is null ? !authentication.IsRequired : _isAuthenticated;

    /// <summary>AuthMethod, and any key that is neither operational nor a private extension: the keys of the methods.</summary>
    public static bool IsSecurityKey(ReadOnlySpan<byte> key)
    {
        bool isExtension = key.Length > 1 && key[0] is (byte)'X' or (byte)'Y' or (byte)'Z' && key[1] is (byte)'-' or (byte)'#';
        return !isExtension && !KeyTable.TryGet(System.Text.Encoding.ASCII.GetString(key), out _);
    }

    /// <summary>Takes a security key. False on a protocol error or, with <see cref="Failure"/>, if nothing is in common.</summary>
    public bool TryTake(scoped TextPair pair, TextBuffer answers)
    {
        if (!pair.Key.SequenceEqual("AuthMethod"u8))
            return _exchange is not null && _exchange.TryTake(pair);
        if (_isMethodChosen)
            return false;
        _isMethodChosen = true;
        return TryChoose(pair.Value, answers);
    }

    /// <summary>Ends a text. False if authentication failed.</summary>
    public bool EndText(TextBuffer answers)
    {
        if (_exchange is null)
            return true;
        AuthenticationProgress progress = _exchange.EndText(answers);
        _isAuthenticated = progress == AuthenticationProgress.Succeeded;
        Failure = _exchange.Failure;
        return progress != AuthenticationProgress.Failed;
    }

    /// <summary>The first method of the initiator's list that the target may use.</summary>
    private bool TryChoose(ReadOnlySpan<byte> list, TextBuffer answers)
    {
        foreach (Range range in list.Split((byte)','))
        {
            ReadOnlySpan<byte> method = list[range];
            bool isNone = method.SequenceEqual(TextValue.None);
            if (isNone && authentication.IsRequired)
                continue;
            if (!isNone && (_exchange = authentication.TryBegin(method)) is null)
                continue;
            answers.Add("AuthMethod"u8, method);
            return true;
        }

        Failure = AuthenticationFailure.NothingInCommon;
        return false;
    }
}
