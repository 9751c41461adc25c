using System.Collections.Concurrent;
using Microsoft.Extensions.Logging.Abstractions;
using TgtModular.Core.Plugins;

namespace TgtModular.PluginLoading.Tests;

/// <summary>When plugin directories are looked at again; time is the test's own.</summary>
[TestClass]
public sealed class WatcherTests
{
    [TestMethod]
    public void Notice_ManyInARow_OneScanWhenStill()
    {
        int scans = 0;
        var clock = new HandClock();
        using var watcher = new PluginWatcher([], () => scans++, clock, NullLogger.Instance);
        for (int i = 0; i < 100; i++) watcher.Notice();

        Assert.AreEqual(PluginWatcher.Stillness, clock.Timer.Due);
        Assert.AreEqual(0, scans);
        clock.Timer.Fire();
        Assert.AreEqual(1, scans);
        Assert.AreEqual(PluginWatcher.Interval, clock.Timer.Due);
    }

    [TestMethod]
    public void Notice_DuringAScan_ScansAgainSoon()
    {
        PluginWatcher? watcher = null;
        var clock = new HandClock();
        watcher = new PluginWatcher([], () => watcher!.Notice(), clock, NullLogger.Instance);

        clock.Timer.Fire();

        Assert.AreEqual(PluginWatcher.Stillness, clock.Timer.Due);
        watcher.Dispose();
    }

    [TestMethod]
    public void Scan_Throws_TheNextOneComesAllTheSame()
    {
        var clock = new HandClock();
        using var watcher = new PluginWatcher([], () => throw new IOException("full"), clock, NullLogger.Instance);

        clock.Timer.Fire();

        Assert.AreEqual(PluginWatcher.Interval, clock.Timer.Due);
    }

    [TestMethod]
    public async Task Directory_FolderDroppedIn_IsNoticed()
    {
        using var sandbox = new Sandbox();
        using var noticed = new BlockingCollection<TimeSpan>();
        var clock = new HandClock { Changed = noticed.Add };
        using var watcher = new PluginWatcher([sandbox.Plugins], () => { }, clock, NullLogger.Instance);

        sandbox.Add("Good");

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        Assert.AreEqual(PluginWatcher.Stillness, await Task.Run(() => noticed.Take(limit.Token), CancellationToken.None));
    }

    /// <summary>A clock whose only timer goes off by hand.</summary>
    private sealed class HandClock : TimeProvider
    {
        public Action<TimeSpan> Changed { get; init; } = _ => { };

        public HandTimer Timer { get; private set; } = null!;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            Timer = new HandTimer(() => callback(state), Changed) { Due = dueTime };
    }

    private sealed class HandTimer(Action fire, Action<TimeSpan> changed) : ITimer
    {
        public TimeSpan Due { get; set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            Due = dueTime;
            changed(dueTime);
            return true;
        }

        public void Dispose()
        {
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
