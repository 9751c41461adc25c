using TgtModular.Storage;

namespace TgtModular.TestKit;

internal static class LifetimeCases
{
    public static async Task CancelledAsync(StoreFixture fixture)
    {
        CancellationToken cancelled = new(canceled: true);
        int unit = fixture.Unit;
        Assert.AreEqual(StorageStatus.Cancelled, (await fixture.ReadAsync(0, unit, cancelled)).Status);
        Assert.AreEqual(StorageStatus.Cancelled, (await fixture.TryWriteAsync(0, unit, cancelled)).Status);
        Assert.AreEqual(StorageStatus.Cancelled, (await fixture.Store.FlushAsync(cancelled)).Status);
        if (fixture.Has(StoreCapabilities.Discard)) Assert.AreEqual(StorageStatus.Cancelled, (await fixture.Store.DiscardAsync(0, unit, cancelled)).Status);
        if (fixture.Has(StoreCapabilities.Resize)) Assert.AreEqual(StorageStatus.Cancelled, (await fixture.Store.ResizeAsync(unit, cancelled)).Status);
        await fixture.CheckAllAsync();
    }

    public static async Task AfterDisposalAsync(StoreFixture fixture)
    {
        IBlockStore store = fixture.Store;
        int unit = fixture.Unit;
        await fixture.WriteAsync(0, StoreFixture.Pattern(0, unit));
        await store.DisposeAsync();
        await store.DisposeAsync();
        Assert.AreEqual(StorageStatus.Unavailable, (await fixture.ReadAsync(0, unit)).Status, "read");
        Assert.AreEqual(StorageStatus.Unavailable, (await fixture.TryWriteAsync(0, unit)).Status, "write");
        Assert.AreEqual(StorageStatus.Unavailable, (await store.FlushAsync(CancellationToken.None)).Status, "flush");
        await RefusesAsync(fixture, StoreCapabilities.Discard, store.DiscardAsync(0, unit, CancellationToken.None));
        await RefusesAsync(fixture, StoreCapabilities.WriteZeroes, store.WriteZeroesAsync(0, unit, WriteOptions.None, CancellationToken.None));
        await RefusesAsync(fixture, StoreCapabilities.Resize, store.ResizeAsync(unit, CancellationToken.None));
        if (fixture.Has(StoreCapabilities.CompareAndWrite))
            Assert.AreEqual(StorageStatus.Unavailable, (await fixture.CompareAndWriteAsync(0, new byte[unit], new byte[unit])).Status, "compare-and-write");
        if (fixture.Has(StoreCapabilities.AllocationMap))
            Assert.AreEqual(StorageStatus.Unavailable, store.GetExtent(0, unit, out _).Status, "extent");
        Assert.IsEmpty(fixture.Observer.Events, "disposal is no event");
    }

    public static async Task DisposeDuringCallsAsync(StoreFixture fixture)
    {
        int length = (int)Math.Max(fixture.Unit, fixture.Align(65536));
        TaskCompletionSource started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<StorageStatus>[] callers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() => CallUntilRefusedAsync(fixture, length, started)))];
        await started.Task;
        await fixture.Store.DisposeAsync();
        foreach (StorageStatus status in await Task.WhenAll(callers))
        {
            bool refused = status is StorageStatus.Unavailable or StorageStatus.OutOfRange or StorageStatus.Cancelled;
            Assert.IsTrue(refused, $"a call during disposal ended with {status}");
        }
    }

    /// <summary>Calls that are cancelled while they run end with one of two results; what they were to write is there in part or not, and nothing else changed.</summary>
    public static async Task CancelledUnderWayAsync(StoreFixture fixture)
    {
        int length = (int)Math.Max(fixture.Unit, fixture.Align(65536));
        for (int round = 0; round < 20; round++)
        {
            using CancellationTokenSource cancel = new();
            Task<StorageResult>[] calls =
            [
                .. Enumerable.Range(0, 4).Select(i => Task.Run(() => i % 2 == 0
                    ? fixture.ReadAsync(0, length, cancel.Token)
                    : fixture.TryWriteAsync(fixture.Align(1 << 20), length, cancel.Token))),
            ];
            if (round % 2 == 0) await Task.Yield();
            await cancel.CancelAsync();
            foreach (StorageResult result in await Task.WhenAll(calls))
                Assert.IsTrue(result.IsOk || result.Status == StorageStatus.Cancelled, $"a call cancelled under way ended with {result}");
        }

        await fixture.WriteAsync(fixture.Align(1 << 20), StoreFixture.Pattern(1, length));
        await fixture.CheckAllAsync();
    }

    private static async Task<StorageStatus> CallUntilRefusedAsync(StoreFixture fixture, int length, TaskCompletionSource started)
    {
        for (int i = 0; ; i++)
        {
            StorageResult result = i % 2 == 0 ? await fixture.ReadAsync(0, length) : await fixture.TryWriteAsync(0, length);
            if (!result.IsOk) return result.Status;
            if (i == 20) started.TrySetResult();
        }
    }

    private static async Task RefusesAsync(StoreFixture fixture, StoreCapabilities ability, ValueTask<StorageResult> call)
    {
        StorageResult result = await call;
        if (fixture.Has(ability)) Assert.AreEqual(StorageStatus.Unavailable, result.Status, $"{ability} after disposal");
    }
}
