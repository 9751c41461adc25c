namespace TgtModular.Core.State;

/// <summary>Which file a path means, whatever names it has: a device by its number, a file by its file system and inode.</summary>
/// <param name="IsDevice">True for a block device.</param>
/// <param name="Place">Number of the device, or of the file system's.</param>
/// <param name="Inode">Inode of a file; 0 for a device.</param>
public readonly record struct FileIdentity(bool IsDevice, ulong Place, ulong Inode)
{
    /// <summary>The file of a path, symbolic links followed; null when there is none, or it cannot be reached.</summary>
    public static FileIdentity? Of(string path) => PosixFile.GetIdentity(path);
}
