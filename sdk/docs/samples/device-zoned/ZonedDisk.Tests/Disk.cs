using System.Buffers.Binary;
using Microsoft.VisualStudio.TestTools.UnitTesting;
using TgtModular.Devices;
using TgtModular.Plugins;
using TgtModular.Scsi;
using TgtModular.Storage;
using TgtModular.TestKit;

namespace Samples.Zoned.Tests;

/// <summary>A zone as REPORT ZONES shows it.</summary>
internal readonly record struct Reported(int Type, ZoneCondition Condition, long Length, long Start, long Pointer);

/// <summary>A small zoned disk over a store of the test, and its commands: two conventional zones, thirteen others, sixteen blocks in each, three open at most.</summary>
internal sealed class Disk : IAsyncDisposable
{
    public const int Block = 4096;
    public const int ZoneBlocks = 16;
    public const int Conventional = 2;
    public const int ZoneCount = 15;
    public const int MaximumOpen = 3;
    public const int StoreLength = 1 << 20;
    public const int First = Conventional; // the first sequential zone

    private readonly TestHost _host;
    private readonly IDeviceServer _server;

    private Disk(TestHost host, TestUnit unit, IDeviceServer server)
    {
        _host = host;
        _server = server;
        Unit = unit;
        Driver = new CommandDriver(server, host, unit);
    }

    public static Dictionary<string, object> Options => new()
    {
        ["block_size"] = (long)Block,
        ["zone_size"] = (long)(Block * ZoneBlocks),
        ["conventional_zones"] = (long)Conventional,
        ["max_open"] = (long)MaximumOpen,
    };

    public TestUnit Unit { get; }

    public CommandDriver Driver { get; }

    public static MemoryBlockStore Memory(int length = StoreLength) => new(length);

    public static long Start(int zone) => (long)zone * ZoneBlocks;

    /// <summary>Opens a disk; options beside the usual ones take their place, null takes one away.</summary>
    public static async Task<Disk> OpenAsync(IBackingStore? store = null, params (string Name, object? Value)[] options)
    {
        ZonedFactory factory = new();
        Dictionary<string, object> given = Options;
        foreach ((string name, object? value) in options)
        {
            if (value is null) given.Remove(name);
            else given[name] = value;
        }

        TestHost host = new();
        TestUnit unit = new(new Dictionary<string, IBackingStore> { ["store"] = store ?? Memory() }) { MaximumTransferLength = 1 << 20 };
        IDeviceServer server = await factory.CreateAsync(new DeviceServerContext(unit, new OptionValues(factory.Options, given), host), CancellationToken.None);
        return new Disk(host, unit, server);
    }

    /// <summary>The message of a disk that cannot be made.</summary>
    public static async Task<string> RefusalAsync(IBackingStore store, params (string Name, object? Value)[] options) =>
        (await Assert.ThrowsExactlyAsync<DeviceServerException>(() => OpenAsync(store, options))).Message;

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _host.Dispose();
    }

    public static byte[] Cdb(byte operationCode, int action, long address, uint length, byte last = 0)
    {
        byte[] cdb = new byte[16];
        (cdb[0], cdb[1], cdb[14]) = (operationCode, (byte)action, last);
        BinaryPrimitives.WriteInt64BigEndian(cdb.AsSpan(2), address);
        BinaryPrimitives.WriteUInt32BigEndian(cdb.AsSpan(10), length);
        return cdb;
    }

    public static byte[] ZoneCdb(int action, int zone, bool all = false) => Cdb(ZonedOpCode.ZoneManagementOut, action, all ? -1 : Start(zone), 0, (byte)(all ? 1 : 0));

    public async Task<ScsiOutcome> WriteAsync(long block, int count, byte fill, bool force = false)
    {
        byte[] data = new byte[count * Block];
        data.AsSpan().Fill(fill);
        return (await Driver.RunAsync(Cdb(ZonedOpCode.Write16, force ? 8 : 0, block, (uint)count), data)).Outcome;
    }

    public Task<CommandResult> TryReadAsync(long block, int count) => Driver.RunAsync(Cdb(ZonedOpCode.Read16, 0, block, (uint)count)).AsTask();

    /// <summary>The first byte of each block, all of which are filled with one byte.</summary>
    public async Task<byte[]> ReadAsync(long block, int count)
    {
        CommandResult result = await TryReadAsync(block, count);
        Assert.AreEqual(ScsiOutcome.Good, result.Outcome);
        Assert.HasCount(count * Block, result.DataIn);
        return [.. result.DataIn.Chunk(Block).Select(bytes => bytes.AsSpan().ContainsAnyExcept(bytes[0]) ? throw new AssertFailedException("a torn block") : bytes[0])];
    }

    public async Task<ScsiOutcome> FlushAsync() => (await Driver.RunAsync(Cdb(ZonedOpCode.SynchronizeCache16, 0, 0, 0))).Outcome;

    public async Task<ScsiOutcome> ZoneAsync(int action, int zone, bool all = false) => (await Driver.RunAsync(ZoneCdb(action, zone, all))).Outcome;

    /// <summary>What REPORT ZONES says of one zone.</summary>
    public async Task<Reported> LookAsync(int zone)
    {
        byte[] data = (await Driver.RunAsync(Cdb(ZonedOpCode.ZoneManagementIn, 0, Start(zone), 128, 0x80))).DataIn;
        return Parse(data.AsSpan(64));
    }

    public async Task<ZoneCondition> ConditionAsync(int zone) => (await LookAsync(zone)).Condition;

    /// <summary>Blocks of a zone in front of its write pointer.</summary>
    public async Task<long> PointerAsync(int zone)
    {
        Reported reported = await LookAsync(zone);
        return reported.Condition == ZoneCondition.Full ? ZoneBlocks : reported.Pointer - reported.Start;
    }

    public static Reported Parse(ReadOnlySpan<byte> descriptor) => new(
        descriptor[0] & 0x0F,
        (ZoneCondition)(descriptor[1] >> 4),
        BinaryPrimitives.ReadInt64BigEndian(descriptor[8..]),
        BinaryPrimitives.ReadInt64BigEndian(descriptor[16..]),
        BinaryPrimitives.ReadInt64BigEndian(descriptor[24..]));
}
