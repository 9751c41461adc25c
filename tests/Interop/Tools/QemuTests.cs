using System.Security.Cryptography;
using TgtModular.Interop.Harness;

namespace TgtModular.Interop.Tools;

/// <summary>QEMU's tools over its own iSCSI driver.</summary>
[TestClass]
public sealed class QemuTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    [TestMethod]
    public async Task QemuImg_Convert200MegabytesThereAndBack_Identical()
    {
        string tool = RequireDriver("qemu-img");
        using TempDirectory directory = new();
        DiskConfiguration disk = new(directory, TargetDaemon.FreePort()) { SizeMiB = 200 };
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, disk.Toml());
        string source = directory.File("source.raw");
        string back = directory.File("back.raw");
        WriteRandomFile(source, disk.SizeMiB << 20);

        _ = (await Tool.RunAsync(tool, ["convert", "-n", "-f", "raw", "-O", "raw", source, disk.Url], Limit)).MustSucceed();
        _ = (await Tool.RunAsync(tool, ["convert", "-f", "raw", "-O", "raw", disk.Url, back], Limit)).MustSucceed();

        CollectionAssert.AreEqual(Hash(source), Hash(back));
        _ = (await Tool.RunAsync(tool, ["compare", "-f", "raw", "-F", "raw", source, disk.Url], Limit)).MustSucceed();
        await daemon.StopAsync();
        CollectionAssert.AreEqual(Hash(source), Hash(disk.Image), "the image file itself, after the daemon has ended");
    }

    [TestMethod]
    [DataRow("write -P 0xa5 0 1M", "read -P 0xa5 0 1M")]
    [DataRow("write -P 0x3c 4k 4k", "read -P 0x3c 4k 4k")]
    [DataRow("write -f -P 0x77 8M 64k", "read -P 0x77 8M 64k")]
    [DataRow("write -P 0x11 67108352 512", "read -P 0x11 67108352 512")]
    [DataRow("writev -P 0x42 1M 64k 512 128k", "read -P 0x42 1M 197120")]
    [DataRow("write -P 0xff 0 4M|write -z 1M 1M", "read -P 0xff 0 1M|read -P 0 1M 1M|read -P 0xff 2M 2M")]
    [DataRow("write -P 0xff 0 4M|write -z -u 1M 1M", "read -P 0xff 0 1M|read -P 0 1M 1M|read -P 0xff 2M 2M")]
    [DataRow("write -P 0xff 0 4M|discard 1M 1M", "read -P 0xff 0 1M|read -P 0 1M 1M|read -P 0xff 2M 2M")]
    [DataRow("aio_write -P 0x01 0 1M|aio_write -P 0x02 1M 1M|aio_write -P 0x03 2M 1M|aio_flush", "read -P 0x01 0 1M|read -P 0x02 1M 1M|read -P 0x03 2M 1M")]
    public async Task QemuIo_WrittenPattern_ReadBackBySecondSession(string writes, string reads)
    {
        string tool = RequireDriver("qemu-io");
        using TempDirectory directory = new();
        DiskConfiguration disk = new(directory, TargetDaemon.FreePort()) { SizeMiB = 64 };
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, disk.Toml());

        await QemuIoAsync(tool, disk.Url, $"{writes}|flush");
        await QemuIoAsync(tool, disk.Url, reads);
        await daemon.StopAsync();
    }

    [TestMethod]
    public async Task QemuIo_PatternThatIsNotThere_IsFound()
    {
        string tool = RequireDriver("qemu-io");
        using TempDirectory directory = new();
        DiskConfiguration disk = new(directory, TargetDaemon.FreePort()) { SizeMiB = 64 };
        await using TargetDaemon daemon = await TargetDaemon.StartAsync(directory, disk.Toml());

        await QemuIoAsync(tool, disk.Url, "write -P 0x55 0 64k");
        ToolResult wrong = await Tool.RunAsync(tool, ["-f", "raw", "-c", "read -P 0x56 0 64k", disk.Url], Limit);

        StringAssert.Contains(wrong.Output, "Pattern verification failed");
        await daemon.StopAsync();
    }

    private static async Task QemuIoAsync(string tool, string url, string commands)
    {
        IEnumerable<string> arguments = commands.Split('|').SelectMany(command => new[] { "-c", command });
        string output = (await Tool.RunAsync(tool, ["-f", "raw", "-d", "unmap", .. arguments, url], Limit)).MustSucceed();
        Assert.IsFalse(output.Contains("failed", StringComparison.OrdinalIgnoreCase), $"{commands}\n{output}");
    }

    /// <summary>The driver is a package of its own.</summary>
    private static string RequireDriver(string name)
    {
        string tool = Tool.Require(name, "qemu-utils");
        if (!Directory.EnumerateDirectories("/usr/lib").Any(directory => File.Exists(Path.Combine(directory, "qemu", "block-iscsi.so"))))
            Assert.Inconclusive("QEMU's iSCSI driver is not installed (Debian package qemu-block-extra)");
        return tool;
    }

    private static void WriteRandomFile(string path, long length)
    {
        using FileStream file = File.Create(path);
        byte[] piece = new byte[1 << 20];
        Random random = new(20261122);
        for (long written = 0; written < length; written += piece.Length)
        {
            random.NextBytes(piece);
            file.Write(piece);
        }
    }

    private static byte[] Hash(string path)
    {
        using FileStream file = File.OpenRead(path);
        return SHA256.HashData(file);
    }
}
