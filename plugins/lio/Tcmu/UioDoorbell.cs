using Microsoft.Win32.SafeHandles;
using TgtModular.Lio.Native;

namespace TgtModular.Lio.Tcmu;

/// <summary>The kernel behind a UIO device: a write tells it to look at the answers.</summary>
internal sealed unsafe class UioDoorbell(SafeFileHandle device) : IDoorbell
{
    /// <summary>The counter of events is read so seldom: epoll tells of each event, except of one that would bring the counter back to what was last read.</summary>
    private const uint ReadInterval = 1 << 20;

    private uint _passes;

    public bool Ring()
    {
        int one = 1;
        return LibC.Write(device, &one, sizeof(int)) == sizeof(int);
    }

    /// <summary>Once for each pass over the ring.</summary>
    public void Passed()
    {
        if (++_passes % ReadInterval != 0) return;
        uint count;
        _ = LibC.Read(device, &count, sizeof(uint));
    }
}
