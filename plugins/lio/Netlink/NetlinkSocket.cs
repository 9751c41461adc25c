using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using TgtModular.Lio.Native;

namespace TgtModular.Lio.Netlink;

/// <summary>A family of generic netlink as the kernel describes it.</summary>
/// <param name="Identifier">Type of its messages.</param>
/// <param name="Groups">Its multicast groups by name.</param>
internal sealed record NetlinkFamily(ushort Identifier, IReadOnlyDictionary<string, int> Groups);

/// <summary>A socket of generic netlink.</summary>
internal sealed unsafe class NetlinkSocket : IDisposable
{
    private const int Domain = 16; // AF_NETLINK
    private const int RawType = 3; // SOCK_RAW
    private const int GenericProtocol = 16; // NETLINK_GENERIC
    private const int OptionLevel = 270; // SOL_NETLINK
    private const int JoinGroup = 1; // NETLINK_ADD_MEMBERSHIP
    private const int SocketLevel = 1; // SOL_SOCKET
    private const int ReceiveTimeLimit = 20; // SO_RCVTIMEO
    private const int AddressLength = 12;

    private const ushort ControllerFamily = 16; // GENL_ID_CTRL
    private const byte GetFamilyCommand = 3;
    private const int FamilyIdentifier = 1;
    private const int FamilyName = 2;
    private const int FamilyGroups = 7;
    private const int GroupName = 1;
    private const int GroupIdentifier = 2;

    private uint _lastSequence;

    /// <summary>Opens a socket.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public NetlinkSocket()
    {
        Handle = LibC.Own(LibC.CreateSocket(Domain, RawType | LibC.CloseOnExec, GenericProtocol), "netlink socket");
        byte* address = stackalloc byte[AddressLength];
        new Span<byte>(address, AddressLength).Clear();
        MemoryMarshal.Write(new Span<byte>(address, sizeof(ushort)), (ushort)Domain);
        Check(LibC.Bind(Handle, address, AddressLength), "bind");
    }

    /// <summary>The descriptor.</summary>
    public SafeFileHandle Handle { get; }

    /// <summary>Asks the kernel for a family.</summary>
    /// <returns>Null when there is none of that name.</returns>
    /// <exception cref="IOException">The kernel does not answer.</exception>
    public NetlinkFamily? FindFamily(string name)
    {
        TimeValue limit = new() { Seconds = 2 };
        Check(LibC.SetOption(Handle, SocketLevel, ReceiveTimeLimit, &limit, (uint)sizeof(TimeValue)), "setsockopt");
        uint sequence = Send(new NetlinkRequest(ControllerFamily, GetFamilyCommand, 1, ++_lastSequence).Add(FamilyName, name));
        byte[] buffer = new byte[16 * 1024];
        while (true)
        {
            ReadOnlySpan<byte> received = buffer.AsSpan(0, Check(Receive(buffer, wait: true), "the kernel's answer"));
            while (NetlinkMessage.TryRead(ref received, out NetlinkMessage message))
            {
                if (message.Sequence != sequence) continue;
                return message.Type == NetlinkMessage.ErrorType ? null : ReadFamily(message.Attributes);
            }
        }
    }

    /// <summary>Receives what a group is told.</summary>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public void Join(int group) => Check(LibC.SetOption(Handle, OptionLevel, JoinGroup, &group, sizeof(int)), "joining the group");

    /// <summary>Sends a request to the kernel.</summary>
    /// <returns>Its sequence number.</returns>
    /// <exception cref="IOException">The kernel refuses.</exception>
    public uint Send(NetlinkRequest request)
    {
        ReadOnlySpan<byte> bytes = request.Bytes;
        fixed (byte* start = bytes) Check((int)LibC.Send(Handle, start, (nuint)bytes.Length, 0), "send");
        return MemoryMarshal.Read<uint>(bytes[8..]);
    }

    /// <summary>The next sequence number.</summary>
    public uint NextSequence() => Interlocked.Increment(ref _lastSequence);

    /// <summary>Receives one datagram.</summary>
    /// <returns>Bytes, or a negative error number.</returns>
    public int Receive(Span<byte> buffer, bool wait)
    {
        fixed (byte* start = buffer)
        {
            nint count = LibC.Receive(Handle, start, (nuint)buffer.Length, wait ? 0 : DontWait);
            return count < 0 ? -Marshal.GetLastPInvokeError() : (int)count;
        }
    }

    public void Dispose() => Handle.Dispose();

    private const int DontWait = 0x40; // MSG_DONTWAIT

    private static NetlinkFamily? ReadFamily(NetlinkAttributes attributes)
    {
        ushort? identifier = null;
        Dictionary<string, int> groups = [];
        while (attributes.MoveNext())
        {
            if (attributes.Type == FamilyIdentifier) identifier = (ushort?)attributes.GetNumber();
            if (attributes.Type != FamilyGroups) continue;
            NetlinkAttributes group = attributes.Inner;
            while (group.MoveNext()) ReadGroup(group.Inner, groups);
        }

        return identifier is { } found ? new NetlinkFamily(found, groups) : null;
    }

    private static void ReadGroup(NetlinkAttributes attributes, Dictionary<string, int> groups)
    {
        string name = "";
        int identifier = 0;
        while (attributes.MoveNext())
        {
            if (attributes.Type == GroupName) name = attributes.GetText();
            if (attributes.Type == GroupIdentifier) identifier = (int)(attributes.GetNumber() ?? 0);
        }

        groups[name] = identifier;
    }

    private static int Check(int result, string what)
    {
        if (result >= 0) return result;
        int error = result == -1 ? Marshal.GetLastPInvokeError() : -result;
        throw new IOException($"{what}: {LibC.Describe(error)}", error);
    }

    /// <summary>struct timeval of 64-bit Linux.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct TimeValue
    {
        public long Seconds;
        public long Microseconds;
    }
}
