namespace TgtModular.Tgt.Tools.TargetsConf;

/// <summary>How much configuration is read: far more than anyone has, far less than the machine holds.</summary>
/// <param name="Depth">Files that include each other.</param>
/// <param name="Files">Files in all.</param>
/// <param name="Bytes">Bytes in all.</param>
/// <param name="LineLength">Characters of a line, continued ones and here-documents together.</param>
/// <param name="Nesting">Blocks in blocks.</param>
internal sealed record ConfigLimits(int Depth, int Files, long Bytes, int LineLength, int Nesting)
{
    public static ConfigLimits Default { get; } = new(Depth: 16, Files: 4096, Bytes: 64 << 20, LineLength: 64 << 10, Nesting: 8);
}
