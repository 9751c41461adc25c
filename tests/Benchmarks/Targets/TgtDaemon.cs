using System.Diagnostics;
using System.Globalization;
using TgtModular.Benchmarks.Compare;

namespace TgtModular.Benchmarks.Targets;

/// <summary>Debian's C tgtd, as its package installs it: sixteen I/O threads for a file, which is its own default.</summary>
internal sealed class TgtDaemon(string name, BenchData data, bool spread) : DaemonTarget(data, spread)
{
    private const string Daemon = "/usr/sbin/tgtd";
    private const string Tool = "/usr/sbin/tgtadm";
    private const string Control = "77"; // its management socket's number: not that of a daemon that may be running

    public override string Name => name;

    protected override string DigestTargetName => TargetName + "-digests";

    private string Socket => Path.Combine(Data.Directory, "ipc");

    public override async Task StartAsync()
    {
        if (!File.Exists(Daemon)) throw new BenchmarkException($"{name}: Debian's package tgt is not installed");
        await LaunchAsync(new ProcessStartInfo(Daemon, ["-f", "-C", Control, "--iscsi", string.Create(CultureInfo.InvariantCulture, $"portal={Portal}")])
        {
            WorkingDirectory = Data.Directory,
            Environment = { ["TGT_IPC_SOCKET"] = Socket },
        });
        await UntilAsync(() => AdministerAsync("--op", "show", "--mode", "sys"));
        await AdministerAsync("--op", "new", "--mode", "target", "--tid", "1", "-T", TargetName);
        await AddAsync(1, Data.Disk, "rdwr");
        await AddAsync(2, "/dev/null", "null");
        if (Data.HasDevice) await AddAsync(DeviceLun, Data.DeviceDisk(name), "rdwr", "1", "--bsoflags", "direct");
        int lun = FirstSpreadLun;
        foreach (string disk in Spread ? Data.SpreadDisks(name) : []) await AddAsync(lun++, disk, "rdwr");
        await AdministerAsync("--op", "bind", "--mode", "target", "--tid", "1", "-I", "ALL");
        await AddDigestTargetAsync();
        Started();
    }

    protected override int? LunOf(StoreKind store) => store switch
    {
        StoreKind.File or StoreKind.Memory => 1, // it has no store in memory: the file is in memory
        StoreKind.Null => 2,
        StoreKind.Device => Data.HasDevice ? DeviceLun : null,
        _ => FirstSpreadLun,
    };

    /// <summary>It does digests for a target or does not: so there are two.</summary>
    private async Task AddDigestTargetAsync()
    {
        await AdministerAsync("--op", "new", "--mode", "target", "--tid", "2", "-T", DigestTargetName);
        await AdministerAsync("--op", "update", "--mode", "target", "--tid", "2", "-n", "HeaderDigest", "-v", "CRC32C");
        await AdministerAsync("--op", "update", "--mode", "target", "--tid", "2", "-n", "DataDigest", "-v", "CRC32C");
        await AddAsync(1, Data.Disk, "rdwr", "2");
        await AdministerAsync("--op", "bind", "--mode", "target", "--tid", "2", "-I", "ALL");
    }

    private Task AddAsync(int lun, string path, string kind, string target = "1", params string[] more) => AdministerAsync([
        "--op", "new", "--mode", "logicalunit", "--tid", target, "--lun", lun.ToString(CultureInfo.InvariantCulture), "-b", path, "--bstype", kind, .. more]);

    private async Task AdministerAsync(params string[] arguments)
    {
        ProcessStartInfo start = new(Tool, ["-C", Control, "--lld", "iscsi", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["TGT_IPC_SOCKET"] = Socket },
        };
        using Process process = Process.Start(start) ?? throw new BenchmarkException($"{Tool} does not start");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        _ = await output;
        await process.WaitForExitAsync();
        if (process.ExitCode != 0) throw new BenchmarkException($"{name}: tgtadm {string.Join(' ', arguments)}: {errors.Trim()}");
    }
}
