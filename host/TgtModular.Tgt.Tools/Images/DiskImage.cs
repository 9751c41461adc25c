using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace TgtModular.Tgt.Tools.Images;

/// <summary>A file that is a disk: nothing but its blocks.</summary>
/// <param name="path">The file.</param>
/// <param name="streams">Where to write.</param>
internal sealed class DiskImage(string path, ToolStreams streams)
{
    private const long Megabyte = 1 << 20;
    private const int NoCapacity = 3;
    private const int NotCreated = 2;
    private const UnixFileMode Mode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead;

    /// <summary>Makes the file. A file that exists keeps what is in it.</summary>
    public int Create(string size, bool isThin)
    {
        if (!long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long megabytes) || megabytes > long.MaxValue / Megabyte)
            return Fail(ExitStatus.InvalidArgument, $"{ImageTool.Name}: the size is a number of megabytes, not '{size}'");
        if (megabytes == 0)
        {
            streams.Output.WriteLine("Capacity must be > 0");
            return NoCapacity;
        }

        long bytes = megabytes * Megabyte;
        bool created = false;
        try
        {
            FileStreamOptions options = new()
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                PreallocationSize = isThin ? 0 : bytes,
                UnixCreateMode = Mode,
                BufferSize = 0,
            };
            using FileStream file = new(path, options);
            created = true;
            file.SetLength(bytes);
            file.Flush(flushToDisk: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            if (created) File.Delete(path);
            return Fail(NotCreated, $"Failed creating file: {Reason(exception)}");
        }

        streams.Output.WriteLine($"Created blank DISK image file : {path}");
        return ExitStatus.Success;
    }

    /// <summary>Tells how large a disk the file is.</summary>
    public int Show()
    {
        using SafeFileHandle? handle = NativeFile.OpenForReading(path, exclusive: false, out string why);
        if (handle == null || Directory.Exists(path)) return Fail(ExitStatus.Failure, $"{ImageTool.Name}: {path}: {(handle == null ? why : "is a directory")}");
        long bytes = RandomAccess.GetLength(handle);
        streams.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"""
            Image     : {path}
             type     : Disk
             capacity : {bytes / Megabyte} MB, {bytes} bytes
             thin     : {(NativeFile.AllocatedBytes(path) < bytes ? "Yes" : "No")}
            """));
        return ExitStatus.Success;
    }

    private string Reason(Exception exception) => exception switch
    {
        DirectoryNotFoundException => "No such file or directory",
        IOException when File.Exists(path) => $"{path} exists already and is left alone",
        _ => exception.Message,
    };

    private int Fail(int status, string message)
    {
        streams.Error.WriteLine(message);
        return status;
    }
}
