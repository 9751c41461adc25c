namespace TgtModular.Stores.Tests;

/// <summary>A loop device over a sparse file.</summary>
internal sealed class LoopDevice : IDisposable
{
    private static readonly Lazy<string?> Problem = new(FindProblem);

    private readonly string _file;

    public LoopDevice(string file, long size)
    {
        _file = file;
        SetFileLength(size);
        Path = SystemCommand.Run("losetup", "--find", "--show", file);
    }

    /// <summary>Why this machine has no loop devices for us; null when it has.</summary>
    public static string? WhyNotHere => Problem.Value;

    public string Path { get; }

    /// <summary>Changes the size of the file and so of the device.</summary>
    public void Resize(long size)
    {
        SetFileLength(size);
        SystemCommand.Run("losetup", "--set-capacity", Path);
    }

    public void Dispose() => SystemCommand.Run("losetup", "--detach", Path);

    private void SetFileLength(long size)
    {
        using FileStream file = File.Open(_file, FileMode.OpenOrCreate);
        file.SetLength(size);
    }

    private static string? FindProblem()
    {
        if (!Environment.IsPrivilegedProcess) return "loop devices need root";
        if (!File.Exists("/dev/loop-control")) return "/dev/loop-control is missing";
        using ScratchDirectory scratch = new();
        string file = scratch.Combine("probe.img");
        File.WriteAllBytes(file, new byte[4096]);
        if (!SystemCommand.TryRun("losetup", ["--find", "--show", file], out string device)) return device;
        SystemCommand.Run("losetup", "--detach", device);
        return null;
    }
}
