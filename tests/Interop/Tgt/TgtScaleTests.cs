using System.Diagnostics;
using System.Globalization;
using System.Text;
using TgtModular.Interop.Harness;

namespace TgtModular.Interop.Tgt;

/// <summary>Many targets by Debian's tgt-admin, on ours and, for the time it takes, on Debian's daemon.</summary>
[TestClass]
public sealed class TgtScaleTests
{
    private const int Targets = 200;
    private const int UnitsPerTarget = 5;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);

    public required TestContext TestContext { get; init; }

    [TestMethod]
    public async Task TwoHundredTargets_MadeAndRemovedByTgtAdmin_NothingStays()
    {
        string admin = Tool.Require("tgt-admin", TgtDaemonExtensions.Package);
        await using OurTgtDaemon our = await OurTgtDaemon.StartAsync();
        await using DebianTgtDaemon debian = await DebianTgtDaemon.StartAsync();

        (TimeSpan made, TimeSpan removed) = await MeasureAsync(our, admin);
        (TimeSpan theirMade, TimeSpan theirRemoved) = await MeasureAsync(debian, admin);

        TestContext.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"made: {made.TotalSeconds:f1} s, C tgtd {theirMade.TotalSeconds:f1} s; removed: {removed.TotalSeconds:f1} s, C tgtd {theirRemoved.TotalSeconds:f1} s"));
        // Nearly all of it is the tools': some 1600 processes. Only a daemon that makes them wait would be this far behind.
        Assert.IsLessThan(theirMade.TotalSeconds * 2, made.TotalSeconds, "seconds to make, twice C tgtd's at most");
        Assert.IsLessThan(theirRemoved.TotalSeconds * 2, removed.TotalSeconds, "seconds to remove, twice C tgtd's at most");
        await our.Daemon.StopAsync();
    }

    private static async Task<(TimeSpan Made, TimeSpan Removed)> MeasureAsync(ITgtDaemon daemon, string admin)
    {
        string file = daemon.Directory.File("many.conf");
        await File.WriteAllTextAsync(file, Configuration(daemon));
        Stopwatch watch = Stopwatch.StartNew();
        (await daemon.RunAsync(admin, ["-c", file, "-e"], Limit)).MustSucceed();
        TimeSpan made = watch.Elapsed;
        string show = await daemon.ShowTargetsAsync();
        Assert.HasCount(Targets, Lines(show, "Target "), "targets");
        Assert.HasCount(Targets * (UnitsPerTarget + 1), Lines(show, "LUN: "), "units with controllers");
        watch.Restart();
        (await daemon.RunAsync(admin, ["--delete", "ALL"], Limit)).MustSucceed();
        TimeSpan removed = watch.Elapsed;
        Assert.AreEqual("", await daemon.ShowTargetsAsync());
        return (made, removed);
    }

    private static string Configuration(ITgtDaemon daemon)
    {
        StringBuilder text = new("default-driver iscsi\n");
        for (int target = 1; target <= Targets; target++)
        {
            _ = text.Append(CultureInfo.InvariantCulture, $"<target iqn.2026-11.org.example:t{target}>\n");
            for (int unit = 1; unit <= UnitsPerTarget; unit++)
            {
                string image = daemon.Directory.File(string.Create(CultureInfo.InvariantCulture, $"i{target}-{unit}"));
                using (FileStream file = File.Create(image)) file.SetLength(1 << 20);
                _ = text.Append(CultureInfo.InvariantCulture, $"    backing-store {image}\n");
            }

            _ = text.Append("</target>\n");
        }

        return text.ToString();
    }

    private static string[] Lines(string text, string start) =>
        [.. text.Split('\n').Where(line => line.TrimStart().StartsWith(start, StringComparison.Ordinal))];
}
