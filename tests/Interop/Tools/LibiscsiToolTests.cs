using TgtModular.Interop.Harness;

namespace TgtModular.Interop.Tools;

/// <summary>libiscsi's command line tools, as the README shows them.</summary>
[TestClass]
public sealed class LibiscsiToolTests
{
    private const string Package = "libiscsi-bin";
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [TestMethod]
    public async Task IscsiLs_WithLuns_ShowsTargetAndDisk()
    {
        string tool = Tool.Require("iscsi-ls", Package);
        using TempDirectory directory = new();
        DiskConfiguration disk = new(directory, TargetDaemon.FreePort());
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, disk.Toml());

        string output = (await Tool.RunAsync(tool, ["-s", $"iscsi://127.0.0.1:{disk.Port}"], Limit)).MustSucceed();

        StringAssert.Contains(output, $"Target:{DiskConfiguration.TargetName} Portal:127.0.0.1:{disk.Port},1");
        StringAssert.Contains(output, "Lun:1");
        StringAssert.Contains(output, "Type:DIRECT_ACCESS (Size:255M)");
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task IscsiInq_Disk_ShowsDirectAccessDevice()
    {
        string tool = Tool.Require("iscsi-inq", Package);
        using TempDirectory directory = new();
        DiskConfiguration disk = new(directory, TargetDaemon.FreePort());
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, disk.Toml());

        string standard = (await Tool.RunAsync(tool, [disk.Url], Limit)).MustSucceed();
        StringAssert.Contains(standard, "DIRECT_ACCESS");
        string pages = (await Tool.RunAsync(tool, ["-e", "1", "-c", "0", disk.Url], Limit)).MustSucceed();
        StringAssert.Contains(pages, "DEVICE_IDENTIFICATION");
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task IscsiReadcapacity16_Disk_ShowsConfiguredSize()
    {
        string tool = Tool.Require("iscsi-readcapacity16", Package);
        using TempDirectory directory = new();
        DiskConfiguration disk = new(directory, TargetDaemon.FreePort());
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, disk.Toml());

        string output = (await Tool.RunAsync(tool, [disk.Url], Limit)).MustSucceed();

        StringAssert.Contains(output, "LOGICAL BLOCK LENGTH IN BYTES:512");
        StringAssert.Contains(output, $"RETURNED LOGICAL BLOCK ADDRESS:{(256 * 2048) - 1}");
        StringAssert.Contains(output, "Total size:268435456");
        await daemon.StopAsync();
    }
}
