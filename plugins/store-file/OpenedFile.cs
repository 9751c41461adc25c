using TgtModular.Storage;

namespace TgtModular.Stores;

/// <summary>A file or block device that is open, with what was found out about it.</summary>
/// <param name="Descriptor">File descriptor.</param>
/// <param name="Path">Absolute path.</param>
/// <param name="Length">Size in bytes, whole alignment units.</param>
/// <param name="IsBlockDevice">True for a block device.</param>
/// <param name="SectorLength">What a device discards and zeroes in: its logical block; 1 for a file.</param>
/// <param name="InMemory">True for a file of a file system that has no other place than memory.</param>
/// <param name="Cache">Cache mode.</param>
/// <param name="Preallocate">True when all space stays allocated.</param>
/// <param name="Info">Abilities and limits.</param>
internal sealed record OpenedFile(
    int Descriptor, string Path, long Length, bool IsBlockDevice, int SectorLength, bool InMemory, CacheMode Cache, bool Preallocate, StoreInfo Info)
{
    public bool Writable => Info.Has(StoreCapabilities.Write);
}
