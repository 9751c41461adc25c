using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace TgtModular.Lio.Configfs;

/// <summary>The kernel's tree.</summary>
/// <param name="root">Where it is mounted.</param>
public sealed class KernelConfigfs(string root = KernelConfigfs.DefaultRoot) : IConfigfs
{
    /// <summary>Where the tree usually is.</summary>
    public const string DefaultRoot = "/sys/kernel/config/target";

    private const uint AllRights = 0x1FF; // configfs gives its directories 0755 whatever is asked for
    private const int LongestAttribute = 4096; // a page

    /// <inheritdoc/>
    public string Root { get; } = root.TrimEnd('/');

    /// <inheritdoc/>
    public bool Exists(string path) => Path.Exists(Full(path));

    /// <inheritdoc/>
    public IReadOnlyList<string> List(string path)
    {
        DirectoryInfo directory = new(Full(path));
        if (!directory.Exists) return [];
        // A link to a directory is a directory to the framework; attributes are files.
        return [.. directory.EnumerateDirectories().Select(entry => entry.Name).Order(StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    public string Read(string path)
    {
        using SafeFileHandle file = LibC.Open(Full(path), LibC.ReadOnly);
        if (file.IsInvalid) throw Failure(ConfigfsCall.Read, path);
        Span<byte> buffer = stackalloc byte[LongestAttribute];
        nint length = LibC.Read(file, buffer, buffer.Length);
        return length < 0 ? throw Failure(ConfigfsCall.Read, path) : Encoding.UTF8.GetString(buffer[..(int)length]).Trim();
    }

    /// <inheritdoc/>
    public string ReadLink(string path)
    {
        string full = Full(path);
        if (new DirectoryInfo(full).LinkTarget is not { } target) throw new ConfigfsException(ConfigfsCall.Read, path, Errno.Invalid);
        string absolute = Path.GetFullPath(target, Path.GetDirectoryName(full)!);
        return absolute.StartsWith(Root + "/", StringComparison.Ordinal)
            ? absolute[(Root.Length + 1)..]
            : throw new ConfigfsException(ConfigfsCall.Read, path, Errno.Invalid, target);
    }

    /// <inheritdoc/>
    public void MakeDirectory(string path) => Check(LibC.MakeDirectory(Full(path), AllRights), ConfigfsCall.MakeDirectory, path);

    /// <inheritdoc/>
    public void RemoveDirectory(string path) => Check(LibC.RemoveDirectory(Full(path)), ConfigfsCall.RemoveDirectory, path);

    /// <inheritdoc/>
    public void Write(string path, string value)
    {
        using SafeFileHandle file = LibC.Open(Full(path), LibC.WriteOnly);
        if (file.IsInvalid) throw Failure(ConfigfsCall.Write, path, value);
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        if (LibC.Write(file, bytes, bytes.Length) < 0) throw Failure(ConfigfsCall.Write, path, value);
    }

    /// <inheritdoc/>
    public void Link(string path, string target) => Check(LibC.Link(Full(target), Full(path)), ConfigfsCall.Link, path, target);

    /// <inheritdoc/>
    public void Unlink(string path) => Check(LibC.Unlink(Full(path)), ConfigfsCall.Unlink, path);

    /// <inheritdoc/>
    public IDisposable? TryLock(string path)
    {
        SafeFileHandle directory = LibC.Open(Full(path), LibC.ReadOnly);
        if (directory.IsInvalid) throw Failure(ConfigfsCall.Read, path);
        if (LibC.Lock(directory, LibC.LockExclusiveNow) == 0) return directory;
        directory.Dispose();
        return null;
    }

    private static void Check(int result, ConfigfsCall call, string path, string? value = null)
    {
        if (result != 0) throw Failure(call, path, value);
    }

    private static ConfigfsException Failure(ConfigfsCall call, string path, string? value = null) =>
        new(call, path, (Errno)Marshal.GetLastPInvokeError(), value);

    private string Full(string path) => path.Length == 0 ? Root : $"{Root}/{path}";
}
