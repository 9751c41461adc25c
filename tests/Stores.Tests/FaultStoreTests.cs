using System.Diagnostics.Metrics;
using TgtModular.Storage;
using TgtModular.TestKit;

namespace TgtModular.Stores.Tests;

[TestClass]
public sealed class FaultStoreTests : IDisposable
{
    private const long Size = 1 << 20;

    private readonly FileStoreHarness _tools = new();
    private readonly string _name = $"fault-{Guid.NewGuid():N}";
    private readonly List<IBackingStore> _lower = [];

    private FaultControl Control => FaultControl.Find(_name)!;

    public void Dispose() => _tools.Dispose();

    [TestMethod]
    public async Task Read_ErrorOnARange_FailsThereOnly()
    {
        await using IBlockStore store = await OpenAsync("read error offset=64KiB length=4096");
        Assert.AreEqual(StorageResult.Ok, (await ReadAsync(store, 0, 65536)).Result);
        Assert.AreEqual(new StorageResult(StorageStatus.ReadError, 65536), (await ReadAsync(store, 61440, 8192)).Result);
        Assert.AreEqual(StorageResult.Ok, (await ReadAsync(store, 65536 + 4096, 4096)).Result);
        Assert.AreEqual(StorageResult.Ok, await WriteAsync(store, 65536, 4096));
    }

    [TestMethod]
    public async Task Write_ErrorEveryThirdAfterTwo_TwiceOnly()
    {
        await using IBlockStore store = await OpenAsync("write error every=3 skip=2 times=2");
        List<bool> results = [];
        for (int i = 0; i < 14; i++) results.Add((await WriteAsync(store, 0, 512)).IsOk);
        CollectionAssert.AreEqual(new[] { 4, 7 }, results.Index().Where(entry => !entry.Item).Select(entry => entry.Index).ToArray());
    }

    [TestMethod]
    public async Task Write_NoSpace_IsOutOfSpace()
    {
        await using IBlockStore store = await OpenAsync("write,zeroes nospace");
        Assert.AreEqual(StorageStatus.OutOfSpace, (await WriteAsync(store, 0, 512)).Status);
        Assert.AreEqual(StorageStatus.OutOfSpace, (await store.WriteZeroesAsync(0, 512, WriteOptions.None, CancellationToken.None)).Status);
    }

    [TestMethod]
    public async Task Read_Flip_BringsOneWrongBitAndTheMediumIsRight()
    {
        await using IBlockStore store = await OpenAsync("read flip times=1");
        byte[] wrong = (await ReadAsync(store, 0, 512)).Data;
        byte[] right = (await ReadAsync(store, 0, 512)).Data;
        Assert.AreEqual(right[0] ^ 0x80, wrong[0]);
        CollectionAssert.AreEqual(right[1..], wrong[1..]);
    }

    [TestMethod]
    public async Task Write_Ignored_IsAnsweredAsDoneAndIsNot()
    {
        await using IBlockStore store = await OpenAsync("write ignore");
        byte[] before = (await ReadAsync(store, 0, 512)).Data;
        Assert.AreEqual(StorageResult.Ok, await WriteAsync(store, 0, 512));
        CollectionAssert.AreEqual(before, (await ReadAsync(store, 0, 512)).Data);
    }

    [TestMethod]
    public async Task Read_Delayed_CompletesWhenTheTimeIsOver()
    {
        await using IBlockStore store = await OpenAsync("read delay=1.5s");
        Task<(StorageResult Result, byte[] Data)> read = ReadAsync(store, 0, 512);
        _tools.Host.Clock.Advance(TimeSpan.FromSeconds(1.4));
        Assert.IsFalse(read.IsCompleted);
        _tools.Host.Clock.Advance(TimeSpan.FromSeconds(0.1));
        Assert.AreEqual(StorageResult.Ok, (await read).Result);
    }

    [TestMethod]
    public async Task Write_LateAndAborted_IsDoneAllTheSame()
    {
        await using IBlockStore store = await OpenAsync("write late=1.5s");
        byte[] before = (await ReadAsync(store, 0, 512)).Data;
        using CancellationTokenSource abort = new();
        using DiagnosticBuffer buffer = _tools.Host.Buffers.TryRent(512, "write")!;
        Task<StorageResult> write = store.WriteAsync(0, buffer.Slice(), WriteOptions.None, abort.Token).AsTask();
        await abort.CancelAsync();
        Assert.IsFalse(write.IsCompleted);
        CollectionAssert.AreEqual(before, (await ReadAsync(store, 0, 512)).Data);
        _tools.Host.Clock.Advance(TimeSpan.FromSeconds(1.5));
        Assert.AreEqual(StorageResult.Ok, await write);
        CollectionAssert.AreNotEqual(before, (await ReadAsync(store, 0, 512)).Data);
    }

    [TestMethod]
    public async Task Write_Hanging_WaitsForItsRelease()
    {
        await using IBlockStore store = await OpenAsync("write hang times=2");
        Task<StorageResult> first = WriteAsync(store, 0, 512);
        using CancellationTokenSource abort = new();
        using DiagnosticBuffer buffer = _tools.Host.Buffers.TryRent(512, "write")!;
        Task<StorageResult> second = store.WriteAsync(0, buffer.Slice(), WriteOptions.None, abort.Token).AsTask();
        Assert.AreEqual(2, Control.Hanging);
        await abort.CancelAsync();
        Assert.AreEqual(StorageStatus.Cancelled, (await second).Status);
        Assert.IsFalse(first.IsCompleted);
        Control.Release();
        Assert.AreEqual(StorageResult.Ok, await first);
    }

    [TestMethod]
    public async Task Dispose_WithCallsThatHang_EndsThem()
    {
        IBlockStore store = await OpenAsync("any hang");
        Task<(StorageResult Result, byte[] Data)> read = ReadAsync(store, 0, 512);
        await store.DisposeAsync();
        Assert.AreEqual(StorageStatus.Unavailable, (await read).Result.Status);
    }

    [TestMethod]
    public async Task Write_Torn_WritesOnlyItsStart()
    {
        await using IBlockStore store = await OpenAsync("write torn=700");
        Assert.AreEqual(new StorageResult(StorageStatus.WriteError, 4096 + 700), await WriteAsync(store, 4096, 2048));
        (_, byte[] data) = await ReadAsync(store, 4096, 2048);
        Assert.AreEqual(700, data.AsSpan().IndexOf((byte)0));
    }

    [TestMethod]
    public async Task Crash_LosesWhatIsNeitherFlushedNorForced()
    {
        await using IBlockStore store = await OpenAsync(isVolatile: true);
        await WriteAsync(store, 0, 4096);
        Assert.AreEqual(StorageResult.Ok, await store.FlushAsync(CancellationToken.None));
        await WriteAsync(store, 8192, 4096);
        await WriteAsync(store, 16384, 4096, WriteOptions.ForceUnitAccess);
        Assert.IsTrue((await ReadAsync(store, 8192, 4096)).Data.All(value => value == 0x5A), "seen before the crash");
        await Control.CrashAsync();
        Assert.AreEqual(StorageStatus.Unavailable, (await ReadAsync(store, 0, 512)).Result.Status);
        Assert.AreEqual(StorageStatus.Unavailable, (await store.FlushAsync(CancellationToken.None)).Status);
        Control.Restore();
        CollectionAssert.AreEqual(new[] { "lost: the power was cut", "restored" }, _tools.Observer.Events.ToArray());
        Assert.IsTrue((await ReadAsync(store, 0, 4096)).Data.All(value => value == 0x5A), "flushed");
        Assert.IsTrue((await ReadAsync(store, 8192, 4096)).Data.All(value => value == 0), "not flushed");
        Assert.IsTrue((await ReadAsync(store, 16384, 4096)).Data.All(value => value == 0x5A), "written with FUA");
    }

    [TestMethod]
    public async Task Crash_KeepingSome_LeavesWholeRunsOfTheUnflushed()
    {
        await using IBlockStore store = await OpenAsync(isVolatile: true);
        for (int i = 0; i < 64; i++) await WriteAsync(store, i * 8192, 4096);
        await Control.CrashAsync(keep: 1);
        Control.Restore();
        int kept = 0;
        for (int i = 0; i < 64; i++)
        {
            byte[] data = (await ReadAsync(store, i * 8192, 4096)).Data;
            Assert.IsFalse(data.AsSpan().ContainsAnyExcept(data[0]), "a run is there or is not");
            kept += data[0] == 0x5A ? 1 : 0;
        }

        Assert.IsTrue(kept is > 10 and < 54, $"{kept} of 64 are there");
    }

    [TestMethod]
    public async Task Write_TornByACrash_LeavesItsStartOnTheMedium()
    {
        await using IBlockStore store = await OpenAsync(isVolatile: true, "write torn=512 crash skip=1");
        await WriteAsync(store, 0, 4096);
        Assert.AreEqual(StorageStatus.Unavailable, (await WriteAsync(store, 8192, 4096)).Status);
        Control.Restore();
        Assert.IsTrue((await ReadAsync(store, 0, 4096)).Data.All(value => value == 0), "not flushed");
        Assert.AreEqual(512, (await ReadAsync(store, 8192, 4096)).Data.AsSpan().IndexOf((byte)0));
    }

    [TestMethod]
    public async Task Calls_AreCounted_ForTestsAndForTheMeter()
    {
        await using IBlockStore store = await OpenAsync("write error skip=1");
        await ReadAsync(store, 0, 512);
        await WriteAsync(store, 0, 512);
        await WriteAsync(store, 0, 512, WriteOptions.ForceUnitAccess);
        await store.FlushAsync(CancellationToken.None);
        Assert.AreEqual(new FaultCounts(1, 2, 1, 1, 0, 0, 0), Control.Counts);
        Assert.AreEqual(1, Measure("fua"));
        Assert.AreEqual(2, Measure("write"));
    }

    [TestMethod]
    public async Task RulesFile_Changed_SwitchesFaultsAndReleasesWhatHangs()
    {
        string rules = _tools.Combine("rules");
        await using IBlockStore store = await OpenWithAsync(("rules_file", rules));
        Assert.AreEqual(StorageResult.Ok, (await ReadAsync(store, 0, 512)).Result, "there is no file yet");
        File.WriteAllText(rules, "# for the test\nread error\nwrite hang\n");
        Assert.AreEqual(StorageStatus.ReadError, (await ReadAsync(store, 0, 512)).Result.Status);
        Task<StorageResult> hanging = WriteAsync(store, 0, 512);
        Assert.AreEqual(1, Control.Hanging);
        File.WriteAllText(rules, "flush crash\n");
        await AdvanceUntilAsync(hanging);
        Assert.AreEqual(StorageResult.Ok, await hanging);
        Assert.AreEqual(StorageStatus.Unavailable, (await store.FlushAsync(CancellationToken.None)).Status);
        Assert.AreEqual(StorageStatus.Unavailable, (await ReadAsync(store, 0, 512)).Result.Status);
        File.Delete(rules);
        Assert.AreEqual(StorageResult.Ok, (await ReadAsync(store, 0, 512)).Result, "the power is back");
    }

    [TestMethod]
    public async Task RulesFile_NotUnderstood_IsLoggedAndChangesNothing()
    {
        string rules = _tools.Combine("rules");
        File.WriteAllText(rules, "read error\n");
        await using IBlockStore store = await OpenWithAsync(("rules_file", rules));
        Assert.AreEqual(StorageStatus.ReadError, (await ReadAsync(store, 0, 512)).Result.Status);
        File.WriteAllText(rules, "read explode\n");
        Assert.AreEqual(StorageStatus.ReadError, (await ReadAsync(store, 0, 512)).Result.Status);
        Assert.AreEqual(1, _tools.Host.Log.Entries.Count(entry => entry.Text.Contains("'explode' is neither an action nor a condition", StringComparison.Ordinal)));
    }

    [TestMethod]
    [DataRow("read", "a rule is OPERATIONS ACTION")]
    [DataRow("seek error", "'seek' is no operation")]
    [DataRow("3 error", "'3' is no operation")]
    [DataRow("read every=3", "has no action")]
    [DataRow("read error hang", "has one action")]
    [DataRow("read delay=soon", "'soon' is no time span")]
    [DataRow("read error length=-1", "'-1' is no number")]
    [DataRow("read error length=9999999999GiB", "is no number")]
    public async Task Open_WrongRule_SaysWhichWord(string rule, string expected)
    {
        StoreOpenException refusal = await Assert.ThrowsExactlyAsync<StoreOpenException>(async () => await OpenAsync(rule));
        StringAssert.Contains(refusal.Message, expected);
    }

    [TestMethod]
    public async Task Open_OverAFile_MayBlockAndKeepsItsTraits()
    {
        await using IBlockStore file = await _tools.OpenAsync(("size", Size));
        await using IBlockStore store = await new FaultStoreFactory().OpenBlockStoreAsync(
            _tools.Host, new Dictionary<string, object>(), _tools.Observer, [file], _name);
        Assert.AreEqual(StoreExecution.Blocking, store.Info.Execution);
        Assert.AreEqual(file.Info.Capabilities, store.Info.Capabilities);
    }

    private ValueTask<IBlockStore> OpenAsync(params string[] rules) => OpenWithAsync(("rules", rules));

    private ValueTask<IBlockStore> OpenAsync(bool isVolatile, params string[] rules) => OpenWithAsync(("volatile", isVolatile), ("rules", rules));

    private async ValueTask<IBlockStore> OpenWithAsync(params (string Name, object Value)[] options)
    {
        _lower.Add(await new MemoryStoreFactory().OpenBlockStoreAsync(_tools.Host, new Dictionary<string, object> { ["size"] = Size }));
        return await new FaultStoreFactory().OpenBlockStoreAsync(
            _tools.Host, options.ToDictionary(option => option.Name, option => option.Value), _tools.Observer, _lower, _name);
    }

    private Task<StorageResult> WriteAsync(IBlockStore store, long offset, int length, WriteOptions options = WriteOptions.None) =>
        _tools.WriteAsync(store, offset, FileStoreHarness.Bytes(length), options);

    private Task<(StorageResult Result, byte[] Data)> ReadAsync(IBlockStore store, long offset, int length) => _tools.ReadAsync(store, offset, length);

    /// <summary>Moves the clock on until the call has looked at its rules again.</summary>
    private async Task AdvanceUntilAsync(Task call)
    {
        while (!call.IsCompleted)
        {
            _tools.Host.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Yield();
        }
    }

    private long Measure(string operation)
    {
        long sum = 0;
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, all) =>
        {
            if (ReferenceEquals(instrument.Meter, _tools.Host.Meter)) all.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (KeyValuePair<string, object?> tag in tags)
            {
                if (tag.Key == "operation" && (string?)tag.Value == operation) sum += value;
            }
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return sum;
    }
}
