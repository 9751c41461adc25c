namespace TgtModular.Tgt.Tools.Admin;

/// <summary>Which files and devices somebody has open: two that write to one lose data.</summary>
internal sealed class FilesInUse
{
    private readonly Dictionary<string, int> _open = new(StringComparer.Ordinal);

    /// <summary>Looks once, at all processes that may be looked at.</summary>
    public static FilesInUse Look()
    {
        FilesInUse files = new();
        foreach (string process in Directory.EnumerateDirectories("/proc"))
        {
            string name = Path.GetFileName(process);
            if (char.IsAsciiDigit(name[0]) && name != Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture)) files.AddProcess(process);
        }

        return files;
    }

    /// <summary>Whether a file is open somewhere, or a device is mounted, swapped to or part of another.</summary>
    public bool Contains(string path) => _open.GetValueOrDefault(Real(path)) > 0 || (IsBlockDevice(path) && NativeFile.IsBusy(path));

    /// <summary>The daemon opened it.</summary>
    public void Add(string path) => AddReal(Real(path));

    /// <summary>The daemon closed it.</summary>
    public void Remove(string path)
    {
        string real = Real(path);
        if (_open.TryGetValue(real, out int count)) _open[real] = count - 1;
    }

    private static bool IsBlockDevice(string path) => File.Exists($"/sys/class/block/{Path.GetFileName(Real(path))}/dev") && Real(path).StartsWith("/dev/", StringComparison.Ordinal);

    private static string Real(string path)
    {
        try
        {
            return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
        }
        catch (IOException)
        {
            return Path.GetFullPath(path);
        }
    }

    private void AddProcess(string process)
    {
        try
        {
            // One process may have a file open more than once; it counts once.
            HashSet<string> files = [];
            foreach (string descriptor in Directory.EnumerateFiles(process + "/fd"))
            {
                if (new FileInfo(descriptor).LinkTarget is { } target && target.StartsWith('/')) _ = files.Add(target);
            }

            foreach (string file in files) AddReal(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It ended meanwhile, or is somebody else's.
        }
    }

    private void AddReal(string path) => _open[path] = _open.GetValueOrDefault(path) + 1;
}
