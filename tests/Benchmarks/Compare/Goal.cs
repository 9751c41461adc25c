namespace TgtModular.Benchmarks.Compare;

/// <summary>A case of the standard table, and how many times the reference's commands per second it is to reach.</summary>
/// <param name="Case">The case as it is written.</param>
/// <param name="Must">Less is a defect; null where nothing was promised.</param>
/// <param name="Aim">What is worked for.</param>
internal sealed record Goal(string Case, double? Must = null, double? Aim = null)
{
    /// <summary>The table that is measured when no other cases are asked for.</summary>
    public static IReadOnlyList<Goal> Standard { get; } =
    [
        new("file/RandomRead:4K:1x1", 1.5, 2.2),
        new("file/RandomRead:4K:1x32", 5, 8),
        new("file/RandomRead:4K:8x64", 5, 8),
        new("file/RandomWrite:4K:1x32", 4, 6),
        new("file/Mix70:4K:4x32", 4, 7),
        new("file/Read:256K:1x16", 1.4, 1.8),
        new("file/Write:256K:1x16", 2, 3),
        new("file/RandomRead:4K:1x32:digests", 4, 7),
        new("memory/RandomRead:4K:1x32", 8, 12),
        new("null/RandomRead:4K:1x32"),
        new("spread/RandomRead:4K:64x4"),
    ];
}
