using Microsoft.Win32.SafeHandles;
using TgtModular.Core.Tests;
using TgtModular.Lio.Native;
using TgtModular.Lio.Tcmu;
using TgtModular.Scsi;

namespace TgtModular.Lio.Tests.Tcmu;

/// <summary>Devices on a loop, with an eventfd in the place of the kernel's.</summary>
[TestClass]
public sealed class TcmuDeviceTests
{
    [TestMethod]
    public async Task Command_KernelTells_IsServed()
    {
        await using Served served = await Served.StartAsync();
        for (int i = 0; i < 100; i++)
        {
            ushort identifier = served.Bench.Send(RingBench.Cdb10(RamDevice.Read, i, 1), dataIn: 512);
            served.Tell();
            Assert.AreEqual(0, (await served.Bench.AnswerOf(identifier)).Status);
        }
    }

    [TestMethod]
    public async Task Command_ThereBeforeTheHandler_IsServed()
    {
        await using Served served = await Served.StartAsync(before: bench => bench.Send(RingBench.Cdb10(RamDevice.Read, 0, 1), dataIn: 512));

        Assert.AreEqual(0, (await served.Bench.AnswerOf(1)).Status);
    }

    [TestMethod]
    public async Task Ring_Damaged_DeviceIsFencedAndTheOtherServed()
    {
        using EventLoops loops = new(1, new TestKit.RecordingLogger());
        await using Served bad = await Served.StartAsync(loops: loops);
        await using Served good = await Served.StartAsync(loops: loops);

        bad.Bench.Kernel.SetHead(4);
        bad.Tell();

        Assert.Contains("head", (await bad.Device.Ended)!);
        Assert.Contains(entry => entry.EventId.Id == 702, bad.Bench.Logger.Entries);
        ushort identifier = good.Bench.Send(RingBench.Cdb10(RamDevice.Read, 0, 1), dataIn: 512);
        good.Tell();
        Assert.AreEqual(0, (await good.Bench.AnswerOf(identifier)).Status);
    }

    [TestMethod]
    public async Task Nexus_NoCommandFree_GoesOnWhenOneEnds()
    {
        await using Served served = await Served.StartAsync(lun: 1, maxCommands: 2);
        ushort[] sent = [.. Enumerable.Range(1, 6).Select(i => served.Bench.Send(RingBench.Probe(ProbeDevice.Concurrent, (byte)i)))];
        served.Tell();

        for (byte label = 1; label <= 6; label++)
        {
            await served.Bench.Engine.Probe.Started(label);
            served.Bench.Engine.Probe.LetGo(label);
        }

        foreach (ushort identifier in sent) Assert.AreEqual(0, (await served.Bench.AnswerOf(identifier)).Status);
    }

    [TestMethod]
    public async Task Dispose_CommandsUnderWay_EndFirst()
    {
        Served served = await Served.StartAsync(lun: 1);
        ushort identifier = served.Bench.Send(RingBench.Probe(ProbeDevice.Concurrent, 1));
        served.Tell();
        await served.Bench.Engine.Probe.Started(1);

        Task disposal = served.Device.DisposeAsync().AsTask();
        Assert.IsNull(await served.Device.Ended);
        served.Bench.Engine.Probe.LetGo(1);
        await disposal;

        Assert.AreEqual(0, (await served.Bench.AnswerOf(identifier)).Status);
        await served.DisposeAsync();
    }

    [TestMethod]
    public async Task Dispose_CommandThatDoesNotEnd_IsAbortedAndGivenUp()
    {
        await using Served served = await Served.StartAsync(lun: 1, drain: TimeSpan.FromMilliseconds(20));
        ushort identifier = served.Bench.Send(RingBench.Probe(ProbeDevice.Concurrent, 1));
        served.Tell();
        await served.Bench.Engine.Probe.Started(1);

        await served.Device.DisposeAsync();
        served.Bench.Engine.Probe.LetGo(1); // late: nothing is written into a ring that may be another handler's

        Assert.Contains(entry => entry.EventId.Id == 704, served.Bench.Logger.Entries);
        Assert.IsFalse(served.Bench.AnswerOf(identifier).IsCompleted);
        Assert.AreEqual(0u, served.Bench.Kernel.Tail);
    }

    [TestMethod]
    public async Task Removed_ByTheKernel_Ends()
    {
        await using Served served = await Served.StartAsync();
        served.Bench.Kernel.IsThere = false;
        served.Bench.Send(RingBench.Cdb10(RamDevice.Read, 0, 1), dataIn: 512);
        served.Tell();

        Assert.Contains("removed", (await served.Device.Ended)!);
    }

    [TestMethod]
    public async Task Rings_OfOneNexus_ShareALoop()
    {
        await using RingBench bench = await RingBench.StartAsync();
        await using RingBench other = await RingBench.StartAsync();
        using EventLoops loops = new(8, bench.Logger);

        EventLoop first = loops.Take(bench.Nexus);
        EventLoop second = loops.Take(bench.Nexus);
        EventLoop third = loops.Take(other.Nexus);

        Assert.AreSame(first, second);
        Assert.AreNotSame(first, third);
    }

    /// <summary>A device that is being served.</summary>
    private sealed class Served : IAsyncDisposable
    {
        private readonly SafeFileHandle _event = LibC.Own(LibC.CreateEvent(0, LibC.CloseOnExec | LibC.NonBlocking), "eventfd");
        private EventLoops _loops = null!;
        private bool _ownsLoops;

        public RingBench Bench { get; private set; } = null!;

        public TcmuDevice Device { get; private set; } = null!;

        public static async Task<Served> StartAsync(
            int lun = 2, int maxCommands = 32, EventLoops? loops = null, TimeSpan? drain = null, Action<RingBench>? before = null)
        {
            Served served = new() { Bench = await RingBench.StartAsync(lun, maxCommands: maxCommands) };
            served._ownsLoops = loops is null;
            served._loops = loops ?? new EventLoops(1, served.Bench.Logger);
            before?.Invoke(served.Bench);
            OpenedRing opened = new(served._event, served.Bench.Kernel.Mapping, served.Bench.Kernel.Open(), served.Bench.Kernel, InOrder: false);
            TcmuDeviceRequest request = new("ring", served.Bench.Nexus, Lun.FromNumber(lun)) { DrainLimit = drain ?? TimeSpan.FromSeconds(60) };
            served.Device = new TcmuDevice(request, opened, served._loops, TimeProvider.System, served.Bench.Logger);
            await served.Device.StartAsync();
            return served;
        }

        public unsafe void Tell()
        {
            ulong one = 1;
            Assert.AreEqual(sizeof(ulong), LibC.Write(_event, &one, sizeof(ulong)));
        }

        public async ValueTask DisposeAsync()
        {
            await Device.DisposeAsync();
            if (_ownsLoops) _loops.Dispose();
            await Bench.DisposeAsync();
            _event.Dispose();
        }
    }
}
