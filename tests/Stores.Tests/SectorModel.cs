namespace TgtModular.Stores.Tests;

/// <summary>What each sector may be after a power cut: what was made durable last, and all that was written since.</summary>
internal sealed class SectorModel(byte[] start)
{
    private readonly List<byte[]>[] _sectors = [.. start.Chunk(512).Select(sector => new List<byte[]> { sector })];

    public void Write(int first, byte[] data, bool durable)
    {
        foreach ((int index, byte[] sector) in data.Chunk(512).Index())
        {
            if (durable) _sectors[first + index].Clear();
            _sectors[first + index].Add(sector);
        }
    }

    public void Flush()
    {
        foreach (List<byte[]> sector in _sectors) sector.RemoveRange(0, sector.Count - 1);
    }

    public void Check(byte[] data, string when)
    {
        foreach ((int index, byte[] sector) in data.Chunk(512).Index())
            Assert.IsTrue(_sectors[index].Exists(sector.SequenceEqual), $"{when}: sector {index} is none of the {_sectors[index].Count} that it may be");
    }
}
