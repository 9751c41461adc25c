using TgtModular.Core.Tests;
using TgtModular.Scsi;

namespace TgtModular.Lio.Tests.Tcmu;

/// <summary>A handler that was killed and started again, on a ring that is answered in order.</summary>
[TestClass]
public sealed class RingRestartTests
{
    [TestMethod]
    public async Task CommandsUnderWayAtTheCrash_AreServedAgain()
    {
        await using RingBench bench = await RingBench.StartAsync(lun: 1, inOrder: true);
        ushort first = bench.Send(RingBench.Probe(ProbeDevice.Read, 1), dataIn: 512);
        ushort second = bench.Send(RingBench.Probe(ProbeDevice.Concurrent, 2));
        ushort third = bench.Send(RingBench.Probe(ProbeDevice.Reply, 3, 8), dataIn: 8); // has ended when the crash comes, and waits for the others
        bench.Server.Serve();
        bench.Server.Abandon();

        bench.Restart(lun: 1, inOrder: true);
        bench.Server.Serve();
        bench.Engine.Probe.LetGo(1);
        bench.Engine.Probe.LetGo(2);

        foreach (ushort identifier in new[] { first, second, third })
            Assert.AreEqual((byte)ScsiStatus.Good, (await bench.AnswerOf(identifier)).Status);
        Assert.IsNull(bench.Kernel.Broken);
        Assert.AreEqual(bench.Kernel.Head, bench.Kernel.Tail);
    }

    [TestMethod]
    public async Task IdentifierTwice_RingIsFenced()
    {
        await using RingBench bench = await RingBench.StartAsync(lun: 1);
        bench.Send(RingBench.Probe(ProbeDevice.Concurrent, 1));
        uint at = bench.Kernel.Head;
        bench.Send(RingBench.Probe(ProbeDevice.Concurrent, 2));
        bench.Kernel.Mapping.Write16(KernelRing.At(at) + Lio.Tcmu.RingLayout.IdentifierOffset, 1);

        Assert.AreEqual(Lio.Tcmu.ServeResult.Ended, bench.Server.Serve());

        Assert.Contains("still running", bench.Server.Failure!);
        Assert.IsFalse(bench.Engine.Probe.HasStarted(2));
        bench.Engine.Probe.LetGo(1);
    }
}
