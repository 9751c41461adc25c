using System.Runtime.InteropServices;

namespace TgtModular.TgtSocket.Serving;

/// <summary>The name of a socket that nobody listens on: connecting to it is refused. The framework removes the name of a socket that it closes.</summary>
internal static partial class StaleSocket
{
    private const uint SocketForOwner = 0xC000 | 0x180; // S_IFSOCK, S_IRUSR | S_IWUSR

    /// <summary>Makes one; where that fails, the name is simply not there.</summary>
    public static void Leave(string path)
    {
        if (!File.Exists(path)) _ = MakeNode(path, SocketForOwner, 0);
    }

    [LibraryImport("libc", EntryPoint = "mknod", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int MakeNode(string path, uint mode, ulong device);
}
