namespace TgtModular.Toml.Reading;

/// <summary>Reads keys, dotted ones too (TOML 1.0.0, "Keys").</summary>
internal sealed class KeyReader(TokenStream tokens, DiagnosticSink sink)
{
    private readonly List<KeyPart> _parts = [];

    /// <summary>Reads the key that begins with <paramref name="token"/>; null when it is none, which is reported.</summary>
    /// <param name="token">Its first token; afterwards the one behind the key, or the one that is wrong.</param>
    /// <param name="where">What the key is wanted for, for the message.</param>
    public KeyPath? Read(ref Token token, string where)
    {
        _parts.Clear();
        while (true)
        {
            if (token.Type is not (TokenType.BareKey or TokenType.String))
            {
                ReportNoKey(token, where);
                return null;
            }

            if (_parts.Count > sink.Options.MaximumDepth)
            {
                sink.Add(_parts[0].Position, $"this key has more than {sink.Options.MaximumDepth + 1} parts");
                return null;
            }

            string name = token.Content ?? tokens.Text[token.Start..token.End];
            _parts.Add(new KeyPart(name, token.Position));
            token = tokens.NextInKey();
            if (token.Type != TokenType.Dot)
                return new KeyPath([.. _parts]);
            token = tokens.NextInKey();
        }
    }

    /// <summary>Reads the value's place: the equals sign behind a key. False when there is none, which is reported.</summary>
    public bool ExpectEqual(Token token, KeyPath path)
    {
        if (token.Type == TokenType.Equal)
            return true;
        if (token.Type != TokenType.Malformed)
        {
            sink.Add(token.Position, token.Type switch
            {
                TokenType.NewLine or TokenType.EndOfFile => $"the key '{path}' has no value: '= value' is missing",
                TokenType.String when tokens.Text[token.Start - 1] == tokens.Text[token.Start] => "a key cannot be a multi-line string",
                TokenType.BareKey or TokenType.String => $"'=' is expected behind the key '{path}'; a key with blanks needs quotes",
                TokenType.Stray when char.IsLetter(tokens.Text[token.Start]) => $"{tokens.Describe(token)} needs quotes in a key: a bare key has letters and digits of ASCII, - and _ only",
                _ => $"'=' is expected behind the key '{path}', not {tokens.Describe(token)}",
            });
        }

        return false;
    }

    private void ReportNoKey(Token token, string where)
    {
        if (token.Type == TokenType.Malformed)
            return;
        string hint = token.Type == TokenType.Stray && char.IsLetter(tokens.Text[token.Start])
            ? "; a bare key has letters and digits of ASCII, - and _ only, any other needs quotes"
            : string.Empty;
        sink.Add(token.Position, $"{where} is expected, not {tokens.Describe(token)}{hint}");
    }
}
