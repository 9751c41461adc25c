using TgtModular.Stores.Native;

namespace TgtModular.Stores.Tests;

/// <summary>Space that a file takes, in sectors of 512 bytes.</summary>
internal static unsafe class StatBlocks
{
    private const int CurrentDirectory = -100;

    public static long Of(string path)
    {
        FileStatus status;
        Assert.AreEqual(0, Libc.GetStatus(CurrentDirectory, path, 0, FileStatus.Wanted, &status));
        // stx_blocks stands behind stx_size.
        return *(long*)((byte*)&status + 48);
    }
}
