using System.Buffers.Binary;

namespace TgtModular.Sbc.Tests;

/// <summary>A disk on the bench: store, unit, host, and the commands a test sends.</summary>
internal sealed class DiskBench : IAsyncDisposable
{
    private readonly Dictionary<string, object> _options;

    private DiskBench(MemoryBlockStore store, Dictionary<string, object> options, TestHost host)
    {
        Store = store;
        _options = options;
        Host = host;
        Unit = new TestUnit(new Dictionary<string, IBackingStore> { ["store"] = store }, Identity);
    }

    public static UnitIdentity Identity { get; } =
        new("disk", "IET", null, "0001", "beaf11", "IET     00010001", ((UInt128)0x6001405_00000000 << 64) | 0x0123456789ABCDEF);

    public MemoryBlockStore Store { get; }

    public TestHost Host { get; }

    public TestUnit Unit { get; }

    public IDeviceServer Server { get; private set; } = null!;

    public CommandDriver Driver { get; private set; } = null!;

    public int BlockLength { get; private set; } = 512;

    public static async Task<DiskBench> CreateAsync(
        MemoryBlockStore? store = null, Dictionary<string, object>? options = null, TestHost? host = null, Action<TestUnit>? prepare = null)
    {
        DiskBench bench = new(store ?? new MemoryBlockStore(1 << 20, MemoryBlockStore.EveryAbility), options ?? [], host ?? new TestHost());
        prepare?.Invoke(bench.Unit);
        SbcFactory factory = new();
        OptionValues values = new(factory.Options, bench._options);
        bench.BlockLength = (int)values.GetInteger("block_size");
        bench.Server = await factory.CreateAsync(new DeviceServerContext(bench.Unit, values, bench.Host), CancellationToken.None);
        bench.Driver = new CommandDriver(bench.Server, bench.Host, bench.Unit);
        return bench;
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Host.Dispose();
        Assert.IsEmpty(Store.Violations, string.Join("; ", Store.Violations));
    }

    public ValueTask<CommandResult> RunAsync(byte[] cdb, byte[]? dataOut = null, long? expectedIn = null, INexusView? nexus = null) =>
        Driver.RunAsync(cdb, dataOut ?? default(ReadOnlyMemory<byte>), expectedIn, nexus);

    public ValueTask<CommandResult> RunAsync(string cdb, byte[]? dataOut = null, long? expectedIn = null, INexusView? nexus = null) =>
        RunAsync(Convert.FromHexString(cdb.Replace(" ", "", StringComparison.Ordinal)), dataOut, expectedIn, nexus);

    public async Task<byte[]> ReadBlocksAsync(long lba, int count) => (await GoodAsync(Cdb.Range16(0x88, lba, count))).DataIn;

    public Task<CommandResult> WriteBlocksAsync(long lba, byte[] data, byte flags = 0) =>
        GoodAsync(Cdb.Range16(0x8A, lba, data.Length / BlockLength, flags), data);

    public async Task<CommandResult> GoodAsync(byte[] cdb, byte[]? dataOut = null, INexusView? nexus = null)
    {
        CommandResult result = await RunAsync(cdb, dataOut, nexus: nexus);
        Assert.AreEqual(ScsiOutcome.Good, result.Outcome, Convert.ToHexString(cdb));
        return result;
    }

    public Task<CommandResult> GoodAsync(string cdb, byte[]? dataOut = null, INexusView? nexus = null) =>
        GoodAsync(Convert.FromHexString(cdb.Replace(" ", "", StringComparison.Ordinal)), dataOut, nexus);

    public async Task SenseAsync(SenseData expected, byte[] cdb, byte[]? dataOut = null, INexusView? nexus = null)
    {
        CommandResult result = await RunAsync(cdb, dataOut, nexus: nexus);
        Assert.AreEqual(ScsiOutcome.Check(expected), result.Outcome, Convert.ToHexString(cdb));
    }

    public Task SenseAsync(SenseData expected, string cdb, byte[]? dataOut = null, INexusView? nexus = null) =>
        SenseAsync(expected, Convert.FromHexString(cdb.Replace(" ", "", StringComparison.Ordinal)), dataOut, nexus);

    /// <summary>Blocks whose bytes all have one value.</summary>
    public byte[] Blocks(int count, byte value)
    {
        byte[] data = new byte[count * BlockLength];
        Array.Fill(data, value);
        return data;
    }
}

/// <summary>CDBs that tests build often.</summary>
internal static class Cdb
{
    public static byte[] Range10(byte operationCode, long lba, int blocks, byte flags = 0)
    {
        byte[] cdb = new byte[10];
        cdb[0] = operationCode;
        cdb[1] = flags;
        BinaryPrimitives.WriteUInt32BigEndian(cdb.AsSpan(2), (uint)lba);
        BinaryPrimitives.WriteUInt16BigEndian(cdb.AsSpan(7), (ushort)blocks);
        return cdb;
    }

    public static byte[] Range12(byte operationCode, long lba, int blocks, byte flags = 0)
    {
        byte[] cdb = new byte[12];
        cdb[0] = operationCode;
        cdb[1] = flags;
        BinaryPrimitives.WriteUInt32BigEndian(cdb.AsSpan(2), (uint)lba);
        BinaryPrimitives.WriteInt32BigEndian(cdb.AsSpan(6), blocks);
        return cdb;
    }

    public static byte[] Range16(byte operationCode, long lba, int blocks, byte flags = 0)
    {
        byte[] cdb = new byte[16];
        cdb[0] = operationCode;
        cdb[1] = flags;
        BinaryPrimitives.WriteInt64BigEndian(cdb.AsSpan(2), lba);
        BinaryPrimitives.WriteInt32BigEndian(cdb.AsSpan(10), blocks);
        return cdb;
    }

    public static byte[] CompareAndWrite(long lba, byte blocks, byte flags = 0)
    {
        byte[] cdb = new byte[16];
        cdb[0] = 0x89;
        cdb[1] = flags;
        BinaryPrimitives.WriteInt64BigEndian(cdb.AsSpan(2), lba);
        cdb[13] = blocks;
        return cdb;
    }

    public static byte[] Unmap(int parameterLength)
    {
        byte[] cdb = new byte[10];
        cdb[0] = 0x42;
        BinaryPrimitives.WriteUInt16BigEndian(cdb.AsSpan(7), (ushort)parameterLength);
        return cdb;
    }

    public static byte[] UnmapList(params (long Lba, long Blocks)[] ranges)
    {
        byte[] list = new byte[8 + (16 * ranges.Length)];
        BinaryPrimitives.WriteUInt16BigEndian(list, (ushort)(list.Length - 2));
        BinaryPrimitives.WriteUInt16BigEndian(list.AsSpan(2), (ushort)(list.Length - 8));
        for (int i = 0; i < ranges.Length; i++)
        {
            BinaryPrimitives.WriteInt64BigEndian(list.AsSpan(8 + (16 * i)), ranges[i].Lba);
            BinaryPrimitives.WriteUInt32BigEndian(list.AsSpan(16 + (16 * i)), (uint)ranges[i].Blocks);
        }

        return list;
    }
}
