using System.Diagnostics.CodeAnalysis;

namespace TgtModular.Core.Configuration;

/// <summary>Files that hold one secret.</summary>
public static class SecretFile
{
    /// <summary>Most bytes of a secret.</summary>
    public const int MaximumLength = 255;

    /// <summary>Reads a secret: the file's bytes without one newline at the end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="secret">The secret.</param>
    /// <param name="problem">Why there is none: no such file, readable by everyone, empty, too long.</param>
    public static bool TryRead(string path, [NotNullWhen(true)] out Secret? secret, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(path);
        secret = null;
        problem = null;
        try
        {
            using FileStream file = File.OpenRead(path);
            UnixFileMode mode = File.GetUnixFileMode(file.SafeFileHandle);
            if ((mode & (UnixFileMode.OtherRead | UnixFileMode.OtherWrite)) != 0)
            {
                problem = $"secret file '{path}' can be read or written by everyone: chmod 600 it";
                return false;
            }

            byte[] bytes = new byte[MaximumLength + 3];
            ReadOnlySpan<byte> text = bytes.AsSpan(0, file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false));
            if (text.EndsWith("\n"u8)) text = text[..^1];
            if (text.EndsWith("\r"u8)) text = text[..^1];
            if (text.IsEmpty) problem = $"secret file '{path}' is empty";
            else if (text.Length > MaximumLength) problem = $"secret file '{path}' holds more than {MaximumLength} bytes";
            else secret = new Secret(text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string cause = e switch
            {
                FileNotFoundException or DirectoryNotFoundException => "there is no such file",
                UnauthorizedAccessException => "permission denied",
                _ => e.Message,
            };
            problem = $"secret file '{path}' cannot be read: {cause}";
        }

        return secret is not null;
    }
}
