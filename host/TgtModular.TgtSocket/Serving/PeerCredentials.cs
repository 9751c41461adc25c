using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace TgtModular.TgtSocket.Serving;

/// <summary>Who is at the other end of a Unix socket (SO_PEERCRED, unix(7)).</summary>
internal static partial class PeerCredentials
{
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int PeerCredentialsOption = 17; // SO_PEERCRED
    private const int Length = 12; // struct ucred: pid, uid, gid

    /// <summary>True when user and group are those of this process.</summary>
    /// <param name="client">The connection.</param>
    /// <param name="who">The other's ids, for the log.</param>
    public static bool AreOurs(Socket client, out string who)
    {
        Span<byte> credentials = stackalloc byte[Length];
        int length = client.GetRawSocketOption(SocketLevel, PeerCredentialsOption, credentials);
        uint user = MemoryMarshal.Read<uint>(credentials[4..]);
        uint group = MemoryMarshal.Read<uint>(credentials[8..]);
        who = $"user {user}, group {group}";
        return length == Length && user == GetEffectiveUser() && group == GetEffectiveGroup();
    }

    [LibraryImport("libc", EntryPoint = "geteuid")]
    private static partial uint GetEffectiveUser();

    [LibraryImport("libc", EntryPoint = "getegid")]
    private static partial uint GetEffectiveGroup();
}
