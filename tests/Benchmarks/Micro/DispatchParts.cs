using BenchmarkDotNet.Attributes;
using TgtModular.Devices;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.Benchmarks.Micro;

/// <summary>
/// A command from its submission to its answer: gateway, task set, handler, store, and back. Simple commands go the task set's short way; ordered ones its long one.
/// One after the other.
/// </summary>
public class DispatchParts : ICommandTransport
{
    private const int Batch = 32;

    private readonly byte[] _read = new byte[16];
    private readonly byte[] _write = new byte[16];
    private readonly byte[] _test = new byte[6];
    private PartsEngine? _engine;
    private INexus? _nexus;
    private int _left;
    private ScsiOutcome _last;

    [Params(TaskAttribute.Simple, TaskAttribute.Ordered)]
    public TaskAttribute Attribute { get; set; }

    /// <summary>Not asynchronous: the toolchain that runs this in its own process does not wait for it.</summary>
    [GlobalSetup]
    public void Start()
    {
        _engine = PartsEngine.StartAsync().GetAwaiter().GetResult();
        _nexus = _engine.Open(Batch);
        (_read[0], _read[13]) = (0x88, 8); // READ (16) of eight blocks: 4 KiB
        (_write[0], _write[13]) = (0x8A, 8);
        Send(_test, 0, 0); // takes the unit attention of the new nexus
        if (_last.IsGood) throw new InvalidOperationException("the disk has no unit attention for a new nexus");
        Send(_test, 0, 0);
        if (!_last.IsGood) throw new InvalidOperationException($"the disk is not ready: {_last}");
    }

    [GlobalCleanup]
    public void Stop() => _engine!.Stop();

    [Benchmark(OperationsPerInvoke = Batch)]
    public void TestUnitReady() => Repeat(_test, 0, 0);

    [Benchmark(OperationsPerInvoke = Batch)]
    public void Read4K() => Repeat(_read, 0, 4096);

    [Benchmark(OperationsPerInvoke = Batch)]
    public void Write4K() => Repeat(_write, 4096, 0);

    DataOutProgress ICommandTransport.ReceiveDataOut(ScsiCommand command) => DataOutProgress.Completed; // as if it had come along

    void ICommandTransport.Complete(ScsiCommand command)
    {
        _last = command.Outcome;
        command.Release();
        Interlocked.Decrement(ref _left);
    }

    void ICommandTransport.Drop(ScsiCommand command) => ((ICommandTransport)this).Complete(command);

    private void Repeat(byte[] cdb, long dataOut, long dataIn)
    {
        for (int i = 0; i < Batch; i++) Send(cdb, dataOut, dataIn);
    }

    private void Send(byte[] cdb, long dataOut, long dataIn)
    {
        ScsiCommand command = _nexus!.TryRentCommand()!;
        command.SetCdb(cdb);
        command.Lun = Lun.FromNumber(1);
        command.Attribute = Attribute;
        command.ExpectedDataOut = dataOut;
        command.ExpectedDataIn = dataIn;
        command.Transport = this;
        Interlocked.Increment(ref _left);
        _nexus.Submit(command);
        SpinWait wait = default;
        while (Volatile.Read(ref _left) > 0) wait.SpinOnce();
    }
}
