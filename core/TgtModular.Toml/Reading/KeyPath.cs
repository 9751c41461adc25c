namespace TgtModular.Toml.Reading;

/// <summary>One part of a key.</summary>
/// <param name="Name">The part, quotes and escapes resolved.</param>
/// <param name="Position">Where it stands.</param>
internal readonly record struct KeyPart(string Name, TomlPosition Position);

/// <summary>A key as written, its parts in order.</summary>
internal readonly record struct KeyPath(KeyPart[] Parts)
{
    public KeyPart Last => Parts[^1];

    public TomlPosition Position => Parts[0].Position;

    /// <summary>The parts up to and with the one at <paramref name="index"/>, as they would be written.</summary>
    public string Show(int index) => string.Join('.', Parts.Take(index + 1).Select(p => BareKey.IsOne(p.Name) ? Printable.Show(p.Name) : $"\"{Printable.Show(p.Name)}\""));

    public override string ToString() => Show(Parts.Length - 1);
}
