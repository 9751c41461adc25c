using System.Buffers.Binary;
using System.Collections.Concurrent;
using TgtModular.Core.Configuration;
using TgtModular.Core.Tests;
using TgtModular.Lio.Tcmu;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.TestKit;
using TgtModular.Transports;

using TestEngine = TgtModular.Core.Tests.TestEngine; // the kit has one, too

namespace TgtModular.Lio.Tests.Tcmu;

/// <summary>The engine, a kernel's ring, and what serves the one through the other: LUN 1 is the probe device, LUN 2 a small disk.</summary>
internal sealed class RingBench : IAsyncDisposable
{
    private readonly ConcurrentDictionary<ushort, TaskCompletionSource<KernelAnswer>> _answers = new();

    private RingBench(TestEngine engine, RamDevice ram, KernelRing kernel)
    {
        Engine = engine;
        Ram = ram;
        Kernel = kernel;
        Kernel.Answered = (identifier, answer) => Answer(identifier).TrySetResult(answer);
    }

    public TestEngine Engine { get; }

    public RamDevice Ram { get; }

    public KernelRing Kernel { get; }

    public INexus Nexus { get; private set; } = null!;

    public RecordingLogger Logger { get; } = new();

    public RingServer Server { get; private set; } = null!;

    public TcmuRing Ring { get; private set; } = null!;

    /// <summary>A bench that serves a LUN.</summary>
    public static async Task<RingBench> StartAsync(int lun = 2, KernelRing? kernel = null, bool inOrder = false, int maxCommands = 32, bool aborts = false)
    {
        TestEngine engine = await TestEngine.StartAsync();
        RamDevice ram = new();
        engine.AddPlugin(PluginKind.Device, "ram", ram);
        TestEngine.Done(await engine.Engine.AddUnitAsync(TestEngine.Unit("ram", "ram"), Owner.File, default));
        TargetSpec target = new("ring")
        {
            Transports = [new TargetTransportSpec("test", "ring", OptionValues.Empty)],
            Access = AccessRules.Everybody,
            Luns = [new LunSpec(1, "probe"), new LunSpec(2, "ram")],
        };
        TestEngine.Done(await engine.Engine.AddTargetAsync(target, Owner.File, default));
        RingBench bench = new(engine, ram, kernel ?? new KernelRing());
        (INexus? nexus, _) = engine.Open(maxCommands: maxCommands, target: "ring");
        bench.Nexus = nexus!;
        await new TestInitiator(nexus!).ReadyAsync();
        await new TestInitiator(nexus!).ReadyAsync(lun: 2);
        bench.Restart(lun, inOrder, aborts);
        return bench;
    }

    /// <summary>A new handler takes the ring over, as after a crash.</summary>
    public void Restart(int lun = 2, bool inOrder = false, bool aborts = false)
    {
        Ring = Kernel.Open();
        RingTarget target = new("ring", Nexus, Lun.FromNumber(lun), Logger) { AbortsCommands = aborts };
        Server = new RingServer(Kernel.Mapping, Ring, Kernel, target, inOrder);
    }

    public static byte[] Cdb10(byte operationCode, int block, int blocks)
    {
        byte[] cdb = new byte[10];
        cdb[0] = operationCode;
        BinaryPrimitives.WriteInt32BigEndian(cdb.AsSpan(2), block);
        BinaryPrimitives.WriteUInt16BigEndian(cdb.AsSpan(7), (ushort)blocks);
        return cdb;
    }

    /// <summary>A command of the probe device; its operation codes have ten bytes.</summary>
    public static byte[] Probe(byte operationCode, byte label, byte length = 0) => [operationCode, label, 0, 0, length, 0, 0, 0, 0, 0];

    /// <summary>The answer of a command, when it comes.</summary>
    public Task<KernelAnswer> AnswerOf(ushort identifier) => Answer(identifier).Task;

    /// <summary>Sends a command, serves the ring, and waits for its answer.</summary>
    public Task<KernelAnswer> DoAsync(ReadOnlySpan<byte> cdb, ReadOnlySpan<byte> dataOut = default, int dataIn = 0)
    {
        ushort identifier = Send(cdb, dataOut, dataIn);
        Server.Serve();
        return AnswerOf(identifier);
    }

    /// <summary>Puts a command into the ring.</summary>
    public ushort Send(ReadOnlySpan<byte> cdb, ReadOnlySpan<byte> dataOut = default, int dataIn = 0)
    {
        ushort identifier = Kernel.Send(cdb, dataOut, dataIn);
        _answers[identifier] = new TaskCompletionSource<KernelAnswer>(TaskCreationOptions.RunContinuationsAsynchronously);
        return identifier;
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        Kernel.Dispose();
    }

    private TaskCompletionSource<KernelAnswer> Answer(ushort identifier) =>
        _answers.GetOrAdd(identifier, _ => new TaskCompletionSource<KernelAnswer>(TaskCreationOptions.RunContinuationsAsynchronously));
}
