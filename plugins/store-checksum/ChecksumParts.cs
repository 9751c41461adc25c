namespace TgtModular.Stores;

/// <summary>What an open store of sums consists of.</summary>
/// <param name="Layout">Where things lie.</param>
/// <param name="Sum">How sums are taken.</param>
/// <param name="Pages">The sums.</param>
/// <param name="Marks">Which regions are marked.</param>
/// <param name="Dirty">The regions that are being written.</param>
/// <param name="File">The store of sums.</param>
internal sealed record ChecksumParts(ChecksumLayout Layout, BlockSum Sum, SumPages Pages, RegionMarks Marks, DirtyRegions Dirty, SumsFile File);
