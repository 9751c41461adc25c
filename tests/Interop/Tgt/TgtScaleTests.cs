using System.Globalization;
using TgtModular.Interop.Harness;

namespace TgtModular.Interop.Tgt;

/// <summary>As many targets as a large site has, out of one targets.conf.</summary>
[TestClass]
public sealed class TgtScaleTests
{
    private const int Targets = 200;
    private const int Units = 5;
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [TestMethod]
    public async Task TwoHundredTargetsWithFiveUnits_AreMadeServedAndRemoved()
    {
        string admin = Path.Combine(Repository.Tree, "tgt-admin"); // Debian's needs minutes, for its own daemon too
        _ = Tool.Require("iscsi-ls", "libiscsi-bin");
        await using OurTgtDaemon daemon = await OurTgtDaemon.StartAsync();
        string configuration = daemon.Directory.Write("t.conf", string.Concat(Enumerable.Range(1, Targets).Select(target => Entry(daemon, target))));

        (await daemon.RunAsync(admin, ["-e", "-c", configuration], Limit)).MustSucceed();

        string[] shown = (await daemon.ShowTargetsAsync()).Split('\n');
        Assert.AreEqual(Targets, Count("Target "));
        Assert.AreEqual(Targets * (Units + 1), Count("        LUN: "));
        string portal = string.Create(CultureInfo.InvariantCulture, $"iscsi://127.0.0.1:{daemon.Port}");
        string listed = daemon.Directory.File("listed");
        (await daemon.RunAsync("/bin/bash", ["-c", $"iscsi-ls -s {portal} > {listed}"], Limit)).MustSucceed();
        Assert.AreEqual(Targets * (Units + 1), File.ReadLines(listed).Count(line => line.StartsWith("Lun:", StringComparison.Ordinal)));

        (await daemon.RunAsync(admin, ["--delete", "ALL"], Limit)).MustSucceed();
        Assert.AreEqual("", await daemon.ShowTargetsAsync());
        await daemon.Daemon.StopAsync();

        int Count(string start) => shown.Count(line => line.StartsWith(start, StringComparison.Ordinal));
    }

    private static string Entry(OurTgtDaemon daemon, int target)
    {
        string[] paths = [.. Enumerable.Range(1, Units).Select(unit => daemon.Directory.File(string.Create(CultureInfo.InvariantCulture, $"disk-{target}-{unit}")))];
        foreach (string path in paths)
        {
            using FileStream image = File.Create(path);
            image.SetLength(1 << 20);
        }

        string stores = string.Concat(paths.Select(path => $"    backing-store {path}\n"));
        return string.Create(CultureInfo.InvariantCulture, $"<target iqn.2026-11.org.example:many-{target:000}>\n{stores}</target>\n");
    }
}
