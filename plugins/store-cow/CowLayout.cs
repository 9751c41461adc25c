namespace TgtModular.Stores;

/// <summary>
/// Where things lie in the delta: a header, the map with one bit for each cluster, and then the clusters, each at the place that it has in the base. So nothing is ever moved, and a
/// delta that is sparse takes the room of what was changed.
/// </summary>
/// <param name="BaseLength">Bytes of the base.</param>
/// <param name="ClusterLength">Bytes that are copied as one; a power of two.</param>
internal sealed record CowLayout(long BaseLength, int ClusterLength)
{
    /// <summary>Bytes of the header, and of a block of the map: what is written as one.</summary>
    public const int BlockLength = 4096;

    /// <summary>Clusters that one block of the map speaks of.</summary>
    public const int ClustersPerBlock = BlockLength * 8;

    /// <summary>Clusters of the base; the last one may reach beyond its end.</summary>
    public long Clusters => (BaseLength + ClusterLength - 1) / ClusterLength;

    /// <summary>Blocks of the map.</summary>
    public int MapBlocks => (int)((Clusters + ClustersPerBlock - 1) / ClustersPerBlock);

    /// <summary>Where the map begins.</summary>
    public static long MapOffset => BlockLength;

    /// <summary>Where the first cluster lies.</summary>
    public long DataOffset
    {
        get
        {
            long end = MapOffset + ((long)MapBlocks * BlockLength);
            return (end + ClusterLength - 1) / ClusterLength * ClusterLength;
        }
    }

    /// <summary>Bytes that the delta must have.</summary>
    public long DeltaLength => DataOffset + BaseLength;

    /// <summary>Bytes of a cluster: the last one ends with the base.</summary>
    public int LengthOf(long cluster) => (int)Math.Min(ClusterLength, BaseLength - (cluster * ClusterLength));
}
