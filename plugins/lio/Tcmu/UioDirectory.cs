using System.Globalization;

namespace TgtModular.Lio.Tcmu;

/// <summary>The kernel's user space I/O devices, by the names that TCMU gives them.</summary>
/// <param name="ClassDirectory">Usually <c>/sys/class/uio</c>.</param>
/// <param name="DeviceDirectory">Usually <c>/dev</c>.</param>
internal sealed record UioDirectory(string ClassDirectory, string DeviceDirectory)
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(20);

    /// <summary>Those of this machine.</summary>
    public static UioDirectory System { get; } = new("/sys/class/uio", "/dev");

    /// <summary>Waits for a device.</summary>
    /// <param name="name">As in its <c>name</c> file.</param>
    /// <param name="limit">How long.</param>
    /// <returns>Its node's name, <c>uioN</c>; null when it did not come.</returns>
    public async Task<string?> WaitAsync(string name, TimeSpan limit, TimeProvider clock, CancellationToken cancellationToken)
    {
        long begun = clock.GetTimestamp();
        string? node;
        while ((node = Find(name)) is null && clock.GetElapsedTime(begun) < limit)
            await Task.Delay(LookInterval, clock, cancellationToken); // sysfs tells nobody of a new device
        return node;
    }

    /// <summary>The node of a device; null when there is none.</summary>
    public string? Find(string name)
    {
        if (!Directory.Exists(ClassDirectory)) return null;
        foreach (string directory in Directory.EnumerateFileSystemEntries(ClassDirectory, "uio*"))
        {
            if (TryRead(Path.Combine(directory, "name")) == name) return Path.GetFileName(directory);
        }

        return null;
    }

    /// <summary>Bytes of a device's memory; null when it has none.</summary>
    public long? GetMapLength(string node)
    {
        string? size = TryRead(Path.Combine(ClassDirectory, node, "maps", "map0", "size"));
        return size is not null && size.StartsWith("0x", StringComparison.Ordinal)
            && long.TryParse(size.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out long length) && length > 0 ? length : null;
    }

    /// <summary>Where a device is opened.</summary>
    public string PathOf(string node) => Path.Combine(DeviceDirectory, node);

    private static string? TryRead(string path)
    {
        try
        {
            return File.ReadAllText(path).TrimEnd('\n');
        }
        catch (IOException)
        {
            return null; // it went away as we looked
        }
    }
}
