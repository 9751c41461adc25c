using TgtModular.Stores.Native;
using TgtModular.Stores.Ring;

namespace TgtModular.Stores.Tests;

/// <summary>Whether this machine's kernel has io_uring for us.</summary>
internal static class RingSupport
{
    private static readonly Lazy<string?> Problem = new(Probe);

    /// <summary>Says why there is none; null when there is.</summary>
    public static string? WhyNotHere => Problem.Value;

    /// <summary>Skips the test where it needs a ring and there is none.</summary>
    public static void Require(string io)
    {
        if (io == "ring" && WhyNotHere is { } reason) Assert.Inconclusive(reason);
    }

    private static string? Probe()
    {
        int file = Libc.Open("/dev/null", OpenFlags.ReadWrite | OpenFlags.CloseOnExec, 0);
        using KernelRing? ring = KernelRing.TryCreate(file, out string problem);
        _ = Libc.Close(file);
        return ring is null ? problem : null;
    }
}
