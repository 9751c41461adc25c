using System.Globalization;
using System.Runtime.InteropServices;

namespace TgtModular.Stores.Native;

/// <summary>What a block device says of itself: ioctls of linux/fs.h, and sysfs for its discard limits.</summary>
internal static unsafe class BlockDevice
{
    public const nuint DiscardRequest = 0x1277; // BLKDISCARD
    public const nuint ZeroRequest = 0x127F; // BLKZEROOUT
    private const nuint LogicalBlockRequest = 0x1268; // BLKSSZGET
    private const nuint PhysicalBlockRequest = 0x127B; // BLKPBSZGET
    private const nuint RotationalRequest = 0x127E; // BLKROTATIONAL

    /// <summary>BLKGETSIZE64: _IOR(0x12, 114, size_t), whose direction bits differ on PowerPC.</summary>
    private static nuint LengthRequest => RuntimeInformation.ProcessArchitecture == Architecture.Ppc64le ? 0x40081272u : 0x80081272u;

    /// <summary>Size in bytes, or a negative errno.</summary>
    public static long GetLength(int descriptor)
    {
        long length;
        return Libc.Control(descriptor, LengthRequest, &length) < 0 ? -Marshal.GetLastPInvokeError() : length;
    }

    /// <summary>Bytes per logical block.</summary>
    public static int GetLogicalBlockLength(int descriptor) => GetInteger(descriptor, LogicalBlockRequest) is int length and > 0 ? length : 512;

    /// <summary>Bytes per physical block.</summary>
    public static int GetPhysicalBlockLength(int descriptor) => GetInteger(descriptor, PhysicalBlockRequest) is int length and > 0 ? length : 512;

    /// <summary>True when it is known not to rotate.</summary>
    public static bool IsSolidState(int descriptor)
    {
        ushort rotational;
        return Libc.Control(descriptor, RotationalRequest, &rotational) == 0 && rotational == 0;
    }

    /// <summary>Bytes that a discard acts on, 0 when the device has no discard. A partition has its disk's.</summary>
    public static int GetDiscardGranularity(uint major, uint minor)
    {
        string device = string.Create(CultureInfo.InvariantCulture, $"/sys/dev/block/{major}:{minor}");
        long granularity = ReadQueueLimit(device, "discard_granularity");
        return ReadQueueLimit(device, "discard_max_bytes") > 0 && granularity is > 0 and <= 1 << 30 ? (int)granularity : 0;
    }

    /// <summary>An ioctl on a range of bytes; 0, or a negative errno.</summary>
    public static int ControlRange(int descriptor, nuint request, long offset, long length)
    {
        ulong* range = stackalloc ulong[] { (ulong)offset, (ulong)length };
        return Libc.Control(descriptor, request, range) < 0 ? -Marshal.GetLastPInvokeError() : 0;
    }

    private static int? GetInteger(int descriptor, nuint request)
    {
        int value;
        return Libc.Control(descriptor, request, &value) < 0 ? null : value;
    }

    private static long ReadQueueLimit(string device, string name)
    {
        foreach (string queue in new[] { $"{device}/queue/{name}", $"{device}/../queue/{name}" })
        {
            if (!File.Exists(queue)) continue;
            return long.TryParse(File.ReadAllText(queue).AsSpan().Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out long limit) ? limit : 0;
        }

        return 0;
    }
}
