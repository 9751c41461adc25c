using System.Globalization;
using TgtModular.Benchmarks.Compare;

namespace TgtModular.Benchmarks.Targets;

/// <summary>A directory on a tmpfs with the files that all targets serve; gone when it is disposed.</summary>
internal sealed class BenchData : IDisposable
{
    private const string MemoryFileSystem = "/dev/shm";

    private readonly string? _deviceDirectory;
    private int _exclusive;

    /// <summary>Makes the disk.</summary>
    /// <param name="length">Of the one file, in bytes.</param>
    /// <param name="device">A directory on a device, for the cases that are to wait for one; null for none.</param>
    public BenchData(long length, string? device = null)
    {
        Length = length;
        if (device is not null)
        {
            _deviceDirectory = System.IO.Directory.CreateDirectory(
                Path.Combine(device, string.Create(CultureInfo.InvariantCulture, $"tgt-bench.{Environment.ProcessId}"))).FullName;
        }

        Directory = System.IO.Directory.CreateDirectory(Path.Combine(
            System.IO.Directory.Exists(MemoryFileSystem) ? MemoryFileSystem : Path.GetTempPath(),
            string.Create(CultureInfo.InvariantCulture, $"tgt-bench.{Environment.ProcessId}"))).FullName;
        Fill(Disk, length);
    }

    /// <summary>Where targets keep their things, too.</summary>
    public string Directory { get; }

    /// <summary>Length of the disk, in bytes.</summary>
    public long Length { get; }

    /// <summary>The one file.</summary>
    public string Disk => Path.Combine(Directory, "disk.img");

    /// <summary>The one file for a target that lets nobody else open it: the first gets the file itself, each other one a copy.</summary>
    public string ExclusiveDisk()
    {
        if (_exclusive++ == 0) return Disk;
        string copy = Path.Combine(Directory, string.Create(CultureInfo.InvariantCulture, $"disk-{_exclusive}.img"));
        Fill(copy, Length); // not read from the first, which is locked: the content follows from the seed
        return copy;
    }

    /// <summary>The many files of one target.</summary>
    /// <param name="owner">Name of the target.</param>
    public IReadOnlyList<string> SpreadDisks(string owner)
    {
        string[] disks = [.. Enumerable.Range(0, SpreadUnits.Count).Select(number => Path.Combine(Directory, string.Create(CultureInfo.InvariantCulture, $"{owner}-{number}.img")))];
        foreach (string disk in disks) Fill(disk, SpreadUnits.Length);
        return disks;
    }

    /// <summary>True when there are files on a device.</summary>
    public bool HasDevice => _deviceDirectory is not null;

    /// <summary>A file of a target's own on the device.</summary>
    /// <param name="owner">Name of the target.</param>
    public string DeviceDisk(string owner)
    {
        string path = Path.Combine(_deviceDirectory!, $"{owner}.img");
        Fill(path, Length);
        return path;
    }

    public void Dispose()
    {
        System.IO.Directory.Delete(Directory, recursive: true);
        if (_deviceDirectory is not null) System.IO.Directory.Delete(_deviceDirectory, recursive: true);
    }

    /// <summary>Holes would be read faster than data.</summary>
    private static void Fill(string path, long length)
    {
        byte[] piece = new byte[1 << 20];
        Random random = new(1);
        using FileStream file = File.Create(path);
        for (long written = 0; written < length; written += piece.Length)
        {
            random.NextBytes(piece);
            file.Write(piece.AsSpan(0, (int)Math.Min(piece.Length, length - written)));
        }
    }
}
