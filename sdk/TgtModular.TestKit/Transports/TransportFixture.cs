using System.Buffers.Binary;
using System.Diagnostics;
using TgtModular.Scsi;
using TgtModular.Transports;

namespace TgtModular.TestKit;

/// <summary>A transport under test between initiators and <see cref="TestEngine"/>.</summary>
internal sealed class TransportFixture(ITransport transport, TestTarget target, TimeSpan patience, Func<int, Task<TransportClient?>> connect)
{
    private int _lastTag;
    private bool _disposed;

    public ITransport Transport => transport;

    public TestTarget Target => target;

    public uint NextTag() => (uint)Interlocked.Increment(ref _lastTag);

    public Task<TransportClient?> TryConnectAsync(int initiator = 0) => InTime(connect(initiator), "login");

    public async Task<TransportClient> ConnectAsync(int initiator = 0) =>
        await TryConnectAsync(initiator) ?? throw new AssertFailedException("the login was refused");

    public async Task<ClientAnswer> GoodAsync(Task<ClientAnswer> answer)
    {
        ClientAnswer given = await InTime(answer, "a command");
        Assert.AreEqual(ScsiStatus.Good, given.Status, Convert.ToHexString(given.Sense));
        return given;
    }

    public Task<ClientAnswer> TestUnitReadyAsync(TransportClient client) => client.SendAsync(new ClientCommand(NextTag(), 1, new byte[6], [], 0));

    public Task<ClientAnswer> ReadAsync(TransportClient client, int block, int blocks, int? expected = null) =>
        client.SendAsync(new ClientCommand(NextTag(), 1, Cdb10(0x28, block, blocks), [], expected ?? blocks * EngineNexus.BlockLength));

    public Task<ClientAnswer> WriteAsync(TransportClient client, int block, byte[] data) =>
        client.SendAsync(new ClientCommand(NextTag(), 1, Cdb10(0x2A, block, data.Length / EngineNexus.BlockLength), data, 0));

    /// <summary>Waits for something that another thread brings about.</summary>
    public async Task UntilAsync(Func<bool> condition, string what)
    {
        long start = Stopwatch.GetTimestamp();
        while (!condition())
        {
            Assert.IsTrue(Stopwatch.GetElapsedTime(start) < patience, $"waited in vain: {what}");
            await Task.Delay(1);
        }
    }

    public Task InTime(Task task, string what) => InTime(Wrap(task), what);

    public async Task<T> InTime<T>(Task<T> task, string what)
    {
        try
        {
            return await task.WaitAsync(patience);
        }
        catch (TimeoutException)
        {
            throw new AssertFailedException($"waited in vain: {what}");
        }
    }

    public async Task DisposeTransportAsync()
    {
        if (_disposed) return;
        _disposed = true;
        await InTime(transport.DisposeAsync().AsTask(), "disposal of the transport");
    }

    /// <summary>After disposal nothing is left.</summary>
    public async Task CloseAsync()
    {
        foreach (EngineNexus nexus in target.Nexuses) nexus.ReleaseHeld();
        await DisposeTransportAsync();
        foreach (EngineNexus nexus in target.Nexuses)
        {
            Assert.IsTrue(nexus.IsClosed, "a nexus is left open");
            Assert.AreEqual(0, nexus.InFlight, "commands are left in flight");
        }
    }

    private static byte[] Cdb10(byte code, int block, int blocks)
    {
        byte[] cdb = new byte[10];
        cdb[0] = code;
        BinaryPrimitives.WriteInt32BigEndian(cdb.AsSpan(2), block);
        BinaryPrimitives.WriteUInt16BigEndian(cdb.AsSpan(7), (ushort)blocks);
        return cdb;
    }

    private static async Task<bool> Wrap(Task task)
    {
        await task;
        return true;
    }
}
