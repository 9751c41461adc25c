using System.Runtime.InteropServices;

namespace TgtModular.Stores.Native;

/// <summary>The kernel's own.</summary>
internal readonly unsafe struct LinuxSystemCalls : ISystemCalls
{
    private const int DurableWrite = 0x2; // RWF_DSYNC
    private const int NoWait = 0x8; // RWF_NOWAIT
    private const int SeekData = 3;
    private const int SeekHole = 4;

    public nint Read(int descriptor, IoVector* vectors, int count, long offset) => OrError(Libc.Read(descriptor, vectors, count, offset));

    public nint ReadCached(int descriptor, IoVector* vectors, int count, long offset) => OrError(Libc.Read(descriptor, vectors, count, offset, NoWait));

    public nint WriteCached(int descriptor, IoVector* vectors, int count, long offset) => OrError(Libc.Write(descriptor, vectors, count, offset, NoWait));

    public nint Write(int descriptor, IoVector* vectors, int count, long offset) => OrError(Libc.Write(descriptor, vectors, count, offset));

    public nint WriteDurably(int descriptor, IoVector* vectors, int count, long offset) =>
        OrError(Libc.Write(descriptor, vectors, count, offset, DurableWrite));

    public int Reopen(int descriptor, CacheMode cache) =>
        (int)OrError(Libc.Open($"/proc/self/fd/{descriptor}", OpenFlags.ReadWrite | OpenFlags.CloseOnExec | OpenFlags.Of(cache), 0));

    public int DataSync(int descriptor) => (int)OrError(Libc.DataSync(descriptor));

    public int Truncate(int descriptor, long length) => (int)OrError(Libc.Truncate(descriptor, length));

    public int Allocate(int descriptor, AllocateModes modes, long offset, long length) => (int)OrError(Libc.Allocate(descriptor, (int)modes, offset, length));

    public long Seek(int descriptor, long offset, bool data) => OrError((nint)Libc.Seek(descriptor, offset, data ? SeekData : SeekHole));

    public int DiscardBlocks(int descriptor, long offset, long length) => BlockDevice.ControlRange(descriptor, BlockDevice.DiscardRequest, offset, length);

    public int ZeroBlocks(int descriptor, long offset, long length) => BlockDevice.ControlRange(descriptor, BlockDevice.ZeroRequest, offset, length);

    public long GetDeviceLength(int descriptor) => BlockDevice.GetLength(descriptor);

    private static nint OrError(nint result) => result < 0 ? -Marshal.GetLastPInvokeError() : result;
}
