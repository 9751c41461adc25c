using System.Runtime.InteropServices;

namespace TgtModular.Stores.Native;

/// <summary>Flags of open(2).</summary>
internal static class OpenFlags
{
    public const int ReadOnly = 0;
    public const int ReadWrite = 2;
    public const int Create = 0x40;
    public const int Exclusive = 0x80;
    public const int DataSync = 0x1000;
    public const int CloseOnExec = 0x80000;

    /// <summary>O_DIRECT: the one flag here that differs between architectures.</summary>
    public static int Direct => RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.Arm or Architecture.Arm64 => 0x10000,
        Architecture.Ppc64le => 0x20000,
        _ => 0x4000,
    };

    /// <summary>What a cache mode adds.</summary>
    public static int Of(CacheMode cache) => cache switch
    {
        CacheMode.Direct => Direct,
        CacheMode.Sync => DataSync,
        _ => 0,
    };
}
